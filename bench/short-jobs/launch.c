/* The raw limit: a program launched JOBS times, SLOTS at once, each with an output file of its own, by the cheapest means
 * that libc has. No scheduler, no records, nothing durable. Prints the seconds that it took.
 *
 * usage: launch JOBS SLOTS DIRECTORY PROGRAM */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static void launch(const char *directory, long number, char *const program[], char *const environment[]) {
    char path[4096];
    posix_spawn_file_actions_t actions;
    pid_t pid;
    snprintf(path, sizeof path, "%s/%ld.log", directory, number);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    if (posix_spawn(&pid, program[0], &actions, NULL, program, environment) != 0) {
        perror("failed to launch the program");
        exit(1);
    }
    posix_spawn_file_actions_destroy(&actions);
}

static void reap(void) {
    int status;
    if (wait(&status) < 0 || status != 0) {
        fprintf(stderr, "a launched program failed\n");
        exit(1);
    }
}

int main(int argc, char *argv[]) {
    if (argc != 5) {
        fprintf(stderr, "usage: launch JOBS SLOTS DIRECTORY PROGRAM\n");
        return 2;
    }
    long jobs = atol(argv[1]), slots = atol(argv[2]), running = 0;
    char *const program[] = {argv[4], NULL};
    char *const environment[] = {NULL};
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (long number = 0; number < jobs; number++) {
        if (running == slots) {
            reap();
            running--;
        }
        launch(argv[3], number, program, environment);
        running++;
    }
    for (; running > 0; running--)
        reap();
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f\n", (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
    return 0;
}
