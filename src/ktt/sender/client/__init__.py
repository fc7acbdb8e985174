"""The road's carriers: conversations with HelseID and the receiver, and the one small driver that speaks HTTP."""
