import { deepEqual, equal } from "node:assert/strict";
import { Reporter } from "../../lib/watchdog/reporter.ts";
import { FakeClient } from "../k8s/fake_client.ts";
import { FakeClock } from "../support/fake_clock.ts";

function reporting() {
  const client = new FakeClient();
  const clock = new FakeClock();
  const reporter = new Reporter({ client, namespace: "shop", pod: "web-1", clock });
  const writes = () => client.calls.filter(({ request }) => request.method === "PATCH");
  return { reporter, clock, writes };
}

Deno.test("what an application says of itself is written as a status and in the label", async () => {
  const { reporter, writes } = reporting();
  await reporter.report("disk", "error", "/data is full");
  const { path, query, body } = writes()[0]!.request;
  equal(path, "/api/v1/namespaces/shop/pods/web-1");
  equal(query?.fieldManager, "autocrane-reporter");
  deepEqual(body, {
    metadata: {
      // The API server of this test knows nothing of the pod.
      uid: undefined,
      resourceVersion: undefined,
      annotations: {
        "status.autocrane.io/disk": "error/2026-01-31T12:00:00//data is full",
        "expires.status.autocrane.io/disk": null,
      },
      labels: { "status.autocrane.io/health": "error" },
    },
  });
});

Deno.test("the same words again are not written again; others are", async () => {
  const { reporter, clock, writes } = reporting();
  for (const message of ["full", "full", "full", "fuller"]) {
    await reporter.report("disk", "error", message);
    await clock.advance(1000);
  }
  equal(writes().length, 2);
});

Deno.test("a status that expires is renewed once half of its time is over, as long as somebody reports", async () => {
  const { reporter, clock, writes } = reporting();
  for (let second = 0; second < 60; second++) {
    await reporter.report("disk", "info", "fine", { expiresIn: 20_000 });
    await clock.advance(1000);
  }
  equal(writes().length, 6);
});
