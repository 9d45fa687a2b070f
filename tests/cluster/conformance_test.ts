/**
 * What the embedded cluster promises, shown on a real control plane: there it is known to be true.
 *
 * @module
 */
import { Api } from "../conformance/api.ts";
import { conformanceOf, type Started } from "../conformance/suite.ts";
import { findBinaries } from "../../scripts/cluster/build.ts";
import { startControlPlane } from "../../scripts/cluster/control_plane.ts";
import { until } from "./support/wait.ts";

const binaries = await findBinaries();

/** Starts a control plane. */
async function start(folder: string): Promise<Started> {
  const plane = await startControlPlane({ binaries: folder });
  const way = { server: plane.server, ca: plane.ca, token: plane.adminToken };
  const api = new Api(way);
  return {
    ...way,
    compact: () => compact(plane.etcd),
    settled: async (namespace) => {
      const account = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
      await until(
        `${namespace} has a service account`,
        async () => (await api.call("GET", account)).code === 200,
      );
    },
    async [Symbol.asyncDispose]() {
      api.close();
      await plane[Symbol.asyncDispose]();
    },
  };
}

/** Events are kept in no cache of the API server's, so what etcd forgets is forgotten. */
async function compact(etcd: string): Promise<void> {
  const ask = async (path: string, body: unknown) => {
    const response = await fetch(`${etcd}/v3/kv/${path}`, { method: "POST", body: JSON.stringify(body) });
    return await response.json() as { header: { revision: string } };
  };
  const { header } = await ask("range", { key: btoa("/") });
  await ask("compaction", { revision: header.revision, physical: true });
}

conformanceOf("folder" in binaries ? () => start(binaries.folder) : undefined);
