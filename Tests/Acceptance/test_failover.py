"""Two PostgreSQL servers, of which one is the standby of the other and takes its place."""

import os
import shutil
import subprocess

from cluster import ClusterCase, PostgresServer, tools
from harness import eventually, promocode


class FailoverTests(ClusterCase):
    servers_needed = ("postgres",)

    def standby(self, primary):
        """A server that follows `primary`."""
        server = PostgresServer(self.servers.make_folder("standby"))
        self.addCleanup(server.close)
        shutil.rmtree(server.data)
        subprocess.run(
            [tools.program("pg_basebackup", server.place + "pg_basebackup"), "-D", server.data, "-R", "-X", "stream",
             "--checkpoint=fast", "-d", primary.url],
            stdout=server.log, stderr=server.log, check=True, cwd=self.servers.folder)
        if server.options:
            subprocess.run(["chown", "-R", "postgres:postgres", server.data], check=True)
        return server.start()

    def test_another_server_takes_over(self):
        first = self.servers.postgres
        cluster = self.cluster(redis=False, kafka=False)
        second = self.standby(first)
        name = cluster.database.rsplit("/", 1)[1]
        cluster.configure({"store": {"url": "postgres://sheaf@127.0.0.1:%d,127.0.0.1:%d/%s"
                                            % (first.port, second.port, name)}})
        [process] = cluster.start("run")
        self.addCleanup(process.close)

        def flows(recipient):
            [id] = process.accept([promocode(recipient, 1)])
            process.ended(id, seconds=20)

        flows(1)
        eventually(lambda: second.try_sql("SELECT pg_last_wal_replay_lsn() IS NOT NULL") == "t", 20)
        eventually(lambda: first.sql("SELECT count(*) FROM pg_stat_replication WHERE replay_lsn = "
                                     "pg_current_wal_lsn()") == "1", 20, 0.1, "the standby having all")
        first.stop()
        # It comes back as a standby: both can be read, and none written.
        with open(os.path.join(first.data, "standby.signal"), "w", encoding="ascii"):
            pass
        first.start()
        eventually(lambda: process.readiness()[0] == 503, 20, 0.2, "the process unready")
        self.assertFalse(process.readiness()[1]["store"]["ready"])
        self.assertEqual(process.publish([promocode(2, 1)]).status, 503)
        self.assertEqual(process.request("GET", "/healthz").status, 200)
        second.sql("SELECT pg_promote()")
        eventually(process.is_ready, 30, 0.2, "the process ready on the other server")
        flows(2)

        # A primary that is to be one no more, whose connections stay open.
        second.sql("ALTER SYSTEM SET default_transaction_read_only = on")
        second.sql("SELECT pg_reload_conf()")
        eventually(lambda: process.readiness()[0] == 503, 20, 0.2, "the process unready again")
        second.sql("ALTER SYSTEM RESET default_transaction_read_only")
        second.sql("SELECT pg_reload_conf()")
        eventually(process.is_ready, 30, 0.2, "the process ready again")
        flows(3)
