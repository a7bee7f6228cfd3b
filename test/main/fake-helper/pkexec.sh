#!/bin/sh
# Stands for pkexec: a PROGRAM and its words, started as they are.
exec "$@"
