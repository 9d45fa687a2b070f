import { deepEqual, rejects } from "node:assert/strict";
import type { Namespace } from "../../../k8s/core_v1.ts";
import { KubeError } from "../../../lib/kube/errors.ts";
import { silentLog } from "../../../lib/runtime/log.ts";
import { MissingNamespaces } from "../../../lib/watchdog/prober/missing.ts";

/** What is said of namespaces whose reads are answered with these codes, look by look. */
async function said(...looks: Record<string, number>[]): Promise<string[]> {
  const lines: string[] = [];
  let answers: Record<string, number> = {};
  const missing = new MissingNamespaces({
    core: {
      getNamespace(name: string): Promise<Namespace> {
        const code = answers[name]!;
        if (code === 200) return Promise.resolve({ metadata: { name } });
        return Promise.reject(new KubeError({ method: "GET", path: name }, code, {}));
      },
    },
    namespaces: ["*", "shop", "shpo"],
    log: {
      ...silentLog,
      warn: (message, fields) => void lines.push(`${message}: ${fields?.namespaces}`),
      info: (message, fields) => void lines.push(`${message}: ${fields?.namespaces}`),
    },
  });
  for (answers of looks) await missing.look(new AbortController().signal);
  return lines;
}

Deno.test("namespaces that exist are not mentioned, and all of them together are not looked for", async () => {
  deepEqual(await said({ shop: 200, shpo: 200 }), []);
});

Deno.test("a namespace that does not exist is said once, and once again when it does", async () => {
  const [missing, there] = [{ shop: 200, shpo: 404 }, { shop: 200, shpo: 200 }];
  deepEqual(await said(missing, missing, there, there, missing), [
    "a watched namespace does not exist: shpo",
    "a watched namespace exists now: shpo",
    "a watched namespace does not exist: shpo",
  ]);
});

Deno.test("where it may not be looked nothing is said", async () => {
  deepEqual(await said({ shop: 200, shpo: 403 }), []);
});

Deno.test("a look that fails otherwise is the loop's to report", async () => {
  await rejects(said({ shop: 500, shpo: 200 }), { status: 500 });
});
