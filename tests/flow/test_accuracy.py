#!/usr/bin/python3
"""The promised accuracy, over the whole corpus, by `hangu check` and by SMTP."""
import os
import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
os.execv(sys.executable, [sys.executable, str(TOP / "tests/corpus/accuracy.py"), "--smtp", "--floor"])
