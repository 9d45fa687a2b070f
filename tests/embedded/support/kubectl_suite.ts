/**
 * Tests that share an embedded cluster and look at it with kubectl: skipped where there is none.
 *
 * @module
 */
import { CoreV1Api } from "../../../k8s/core_v1.ts";
import { type EmbeddedCluster, startCluster } from "../../../lib/embedded/cluster.ts";
import { systemClock } from "../../../lib/runtime/clock.ts";
import { silentLog } from "../../support/silent_log.ts";
import { Kubectl, missing } from "./kubectl.ts";

/** A test with a namespace of its own, which kubectl is in. */
export type KubectlTest = (
  name: string,
  body: (kubectl: Kubectl, cluster: EmbeddedCluster) => Promise<void>,
) => void;

/** Prints its arguments, then one line a second, and ends when it is told to. */
const speaker = 'trap "echo bye; exit 0" TERM; echo "$@"; while :; do sleep 0.05; done';

/** What the tests' containers run. */
const images = {
  /** Runs, and says its arguments once. */
  web: ["sh", "-c", speaker, "web"],
  /** Says its arguments and ends. */
  echo: ["echo"],
  /** Fails after it said its arguments. */
  fail: ["sh", "-c", 'echo "$@"; exit 3', "fail"],
};

/** Declares a file's cluster and returns what declares its tests. */
export function withKubectl(): KubectlTest {
  let cluster: EmbeddedCluster | undefined;
  let home: string | undefined;
  let count = 0;
  if (!missing) {
    Deno.test.beforeAll(async () => {
      home = await Deno.makeTempDir({ prefix: "kubectl-" });
      cluster = await startCluster({ node: { images }, clock: systemClock, log: silentLog });
    });
    Deno.test.afterAll(async () => {
      await cluster?.[Symbol.asyncDispose]();
      if (home) await Deno.remove(home, { recursive: true });
    });
  }
  return (name, body) =>
    Deno.test({
      name,
      ignore: missing !== undefined,
      // The cluster's own connections and processes outlive a test, by intent.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const namespace = `test-${++count}`;
        await new CoreV1Api(cluster!.client).createNamespace({ metadata: { name: namespace } });
        await body(new Kubectl(await cluster!.kubeconfig(), home!, namespace), cluster!);
      },
    });
}

/** A Deployment's manifest. */
export function deployment(name: string, { image = "web", replicas = 1, args = ["hello"] } = {}): string {
  const labels = { app: name };
  const containers = [{ name: "app", image, args }];
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 2, containers } },
    },
  });
}

/** A pod's manifest. */
export function pod(name: string, spec: object = {}): string {
  const containers = [{ name: "app", image: "web", args: ["hello"] }];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 2, containers, ...spec },
  });
}
