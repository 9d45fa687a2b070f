/**
 * Tests that share one cluster: made before the first of a file, gone after the last.
 *
 * @module
 */
import { Cluster, missing } from "./cluster.ts";

/** A test against the file's cluster. */
export type ClusterTest = (name: string, body: (cluster: Cluster) => Promise<void>) => void;

/** Declares a file's cluster and returns what declares its tests. Without a control plane they are skipped. */
export function onCluster(): ClusterTest {
  let cluster: Cluster | undefined;
  if (missing === undefined) {
    Deno.test.beforeAll(async () => {
      cluster = await Cluster.start();
    });
    Deno.test.afterAll(async () => {
      await cluster?.[Symbol.asyncDispose]();
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
        const began = cluster!.programs.length;
        try {
          await body(cluster!);
        } catch (error) {
          if (error instanceof Error) error.message += `\n${cluster!.lastWords(began)}`;
          throw error;
        }
      },
    });
}
