"""The server's database as it stands: what it holds, and whether it has changed."""

import hashlib
import sqlite3

from waiting import wait_for


class Rows:
    """Reads the database beside the server."""

    def __init__(self, data_dir):
        (path,) = data_dir.glob("*.db")
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    def version(self):
        """A number that is another one after each commit of anybody else."""
        return self.connection.execute("PRAGMA data_version").fetchone()[0]

    def tables(self):
        """Every table's rows as one digest each: {table: digest}."""
        names = self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {name: self._digest(name) for (name,) in names}

    def _digest(self, table):
        digest = hashlib.sha256()
        for row in self.connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2'):
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def settle(self):
        """Waits until nothing has been written for a few looks; gives the version."""
        seen = []

        def quiet():
            seen.append(self.version())
            return len(seen) > 5 and len(set(seen[-5:])) == 1

        wait_for("the database to be at rest", quiet)
        return seen[-1]
