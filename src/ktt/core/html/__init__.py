"""The pages that the program writes: one Jinja environment, one base page, one stylesheet, shared components.

A page is one file. It fetches nothing and runs no script. A package that writes one has its template in a folder of its
own, extends `base.html.jinja` or `two_languages.html.jinja`, and calls `environment.render`.
"""
