"""The server's database as it stands: what it holds, and whether it has changed."""

import sqlite3

from waiting import wait_for

# As many looks as take half a second.
QUIET = 25


class Rows:
    """Reads the database beside the server."""

    def __init__(self, data_dir):
        (path,) = data_dir.glob("*.db")
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    def version(self):
        """A number that is another one after each commit of anybody else."""
        return self.connection.execute("PRAGMA data_version").fetchone()[0]

    def all(self):
        """Every row of every table, after its table's name."""
        names = self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {(name, repr(row)) for (name,) in names for row in self.connection.execute(f'SELECT * FROM "{name}"')}

    def settle(self):
        """Waits until nothing has been written for longer than a queue is UPDATING; gives the version."""
        seen = []

        def quiet():
            seen.append(self.version())
            return len(seen) > QUIET and len(set(seen[-QUIET:])) == 1

        wait_for("the database to be at rest", quiet)
        return seen[-1]
