import { deepEqual, equal, rejects } from "node:assert/strict";
import { findAccess } from "../../lib/kube/find_access.ts";
import { connect } from "../../lib/kube/connect.ts";
import { WrongUse } from "../../lib/runtime/failure.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { serve, temporaryFolder } from "./harness.ts";

const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
const inCluster = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "6443" };

/** Makes these files, and no others, seem to exist until disposed of: a service account's are at a fixed place. */
function pretending(files: Record<string, string>): Disposable {
  const { stat, readTextFile } = Deno;
  const missing = () => Promise.reject(new Deno.errors.NotFound("No such file or directory"));
  Deno.stat = (path) => (path as string in files ? stat(".") : missing());
  Deno.readTextFile = (
    path,
  ) => (path as string in files ? Promise.resolve(files[path as string]!) : missing());
  return {
    [Symbol.dispose]() {
      Object.assign(Deno, { stat, readTextFile });
    },
  };
}

const mounted = {
  [`${folder}/token`]: "t\n",
  [`${folder}/ca.crt`]: "CA",
  [`${folder}/namespace`]: "autocrane\n",
};

function kubeconfig(server: string): string {
  return JSON.stringify({
    "current-context": "a",
    clusters: [{ name: "c", cluster: { server } }],
    contexts: ["a", "b"].map((name) => ({ name, context: { cluster: "c", namespace: name } })),
  });
}

const clock = new FakeClock();

Deno.test("in a pod the service account is used", async () => {
  using _ = pretending(mounted);
  const access = await findAccess({ env: inCluster, clock });
  deepEqual([access.server, access.namespace, await access.ca(), await access.credentials.proof()], [
    "https://10.0.0.1:6443",
    "autocrane",
    "CA",
    { authorization: "Bearer t" },
  ]);
});

Deno.test("a service address of IPv6 is written in brackets, and 443 is the port where none is given", async () => {
  using _ = pretending(mounted);
  const access = await findAccess({ env: { KUBERNETES_SERVICE_HOST: "fd00::1" }, clock });
  equal(access.server, "https://[fd00::1]:443");
});

Deno.test("a service account without its namespace is told as a volume that is not mounted", async () => {
  using _ = pretending({ [`${folder}/token`]: "t" });
  const found = findAccess({ env: inCluster, clock });
  await rejects(found, /Cannot read namespace ".*\/namespace".*Is the projected volume mounted\?/);
});

Deno.test("a kubeconfig or context that was chosen wins over the service account", async () => {
  using _ = pretending({
    ...mounted,
    "/k": kubeconfig("https://k"),
    "/home/.kube/config": kubeconfig("https://h"),
  });
  const env = { ...inCluster, HOME: "/home" };
  equal((await findAccess({ env, clock, kubeconfig: "/k" })).server, "https://k");
  const chosen = await findAccess({ env, clock, context: "b" });
  deepEqual([chosen.server, chosen.namespace], ["https://h", "b"]);
});

Deno.test("in a pod without a mounted token, KUBECONFIG is used", async () => {
  using _ = pretending({ "/k": kubeconfig("https://k") });
  equal((await findAccess({ env: { ...inCluster, KUBECONFIG: "/k" }, clock })).server, "https://k");
});

Deno.test("KUBECONFIG may name several files, and wins over the home folder's", async () => {
  using _ = pretending({ "/k": kubeconfig("https://k"), "/home/.kube/config": kubeconfig("https://h") });
  equal(
    (await findAccess({ env: { KUBECONFIG: "/missing::/k", HOME: "/home" }, clock })).server,
    "https://k",
  );
  equal((await findAccess({ env: { KUBECONFIG: "", HOME: "/home" }, clock })).server, "https://h");
});

Deno.test("where there is no cluster to be found, the place that was looked at is named", async () => {
  using _ = pretending({});
  await rejects(findAccess({ env: { HOME: "/home" }, clock }), (error) => {
    return error instanceof WrongUse && error.message.includes('"/home/.kube/config"');
  });
});

Deno.test("a connection names its program, knows its namespace, and asks nothing of the server yet", async () => {
  await using server = serve(() => Response.json({ kind: "Pod" }));
  await using temporary = await temporaryFolder();
  const path = `${temporary.path}/config`;
  await Deno.writeTextFile(path, kubeconfig(server.url));
  const { client, namespace } = await connect({
    kubeconfig: path,
    env: {},
    clock,
    program: "probe",
    version: "1.2",
  });
  equal(namespace, "a");
  equal(server.requests.length, 0);
  await client.json({ method: "GET", path: "/api/v1/pods" });
  equal(server.requests[0]?.headers.get("user-agent"), "autocrane-probe/1.2");
  client.close();
});
