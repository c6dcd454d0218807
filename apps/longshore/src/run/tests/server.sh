#!/bin/sh
# Plays the server in tests: does what the file `script` in its data directory says, with the ready file as $READY,
# which is the last argument.
for READY; do :; done
. "${READY%/*}/script"
