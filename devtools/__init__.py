"""What `./dev` is made of: standard-library Python, never imported by the addon.

cli        the commands' names and options
commands   what each command does
console    steps, progress, child processes and the words for what went wrong
places     folders, locks and content hashes
sources    where Odoo 19 comes from
python_env the virtual environment
postgres   the database server, the machine's or an embedded one
database   templates and throw-away copies
extras     browser, PDF tool and right-to-left compiler
suites     pytest and Odoo's own suites
odoo_script  runs a file inside Odoo (the one file here that Odoo's interpreter executes)
"""
