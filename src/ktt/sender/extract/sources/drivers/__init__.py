"""Databases that are read through a driver which is installed beside ktt: SQL Server and Oracle."""
