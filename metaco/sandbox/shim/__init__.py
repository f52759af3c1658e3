"""The program that stands between metaco and the code it does not trust.

It runs as ``python -I -S`` in a process of its own, takes one request, makes a fresh copy of the
project, confines itself, runs the command, watches it, kills what is left and reports. Every
supervised tier uses it; the request says how much of it.

Only the standard library, and of that only what starts fast: each import here is paid once per
run of the sandbox. So requests are plain dictionaries, and there is no dataclass, enum or json.
"""
