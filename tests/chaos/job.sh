#!/bin/bash
# A job that bears witness: `job.sh NAME SECONDS LINES CODES` notes its start and its end in a file of its own, each line
# appended and synced, prints LINES lines, and exits with the code of CODES (`3,0`) that its attempt is for; the last one
# goes for all further attempts, and `kill` is a death by SIGKILL.
#
# A lock on the file shows whether another attempt of the same job is alive. What cannot be noted is not done: the exit
# codes 98 and 99 are those of a machine that is short of something.
name=$1 seconds=$2 lines=$3 codes=$4
attempt=$AWS_BATCH_JOB_ATTEMPT
# Servers on copies of a data directory have ports, and witnesses, of their own.
file=${0%/*}/${AWS_ENDPOINT_URL##*:}/$AWS_BATCH_JOB_ID

note() {
    printf '%s %s %s %s %s %s\n' "$EPOCHREALTIME" "$name" "$AWS_BATCH_JOB_ID" "$attempt" $$ "$*" |
        dd of="$file" oflag=append conv=notrunc,fsync status=none
}

# The shell's own complaints are not this job's output.
exec 2> /dev/null
exec 9>> "$file" || exit 98
if flock --nonblock 9; then note start || exit 98; else note overlap || exit 98; fi
for ((line = 1; line <= lines; line++)); do echo "$name $attempt line $line" || exit 99; done
sleep "$seconds"
IFS=, read -ra planned <<< "$codes"
code=${planned[attempt - 1]:-${planned[-1]}}
echo "$name $attempt done" || exit 99
note end "$code" || exit 99
[ "$code" = kill ] && kill -KILL $$
exit "$code"
