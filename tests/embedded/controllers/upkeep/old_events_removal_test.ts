import { deepEqual } from "node:assert/strict";
import { timestamp } from "../../../../lib/embedded/api/objects.ts";
import { Stage } from "../stage.ts";

Deno.test("Events are removed an hour after they were last seen", async () => {
  await using stage = await Stage.start();
  const core = stage.core.namespace("shop");
  const create = (name: string) =>
    core.createEvent({
      metadata: { name },
      involvedObject: { kind: "Pod", namespace: "shop", name: "web" },
      lastTimestamp: timestamp(stage.clock.now()),
    });
  const names = async () => (await core.getEventList()).items.map(({ metadata }) => metadata.name);
  await create("old");
  await stage.pass(30 * 60_000);
  await create("newer");
  deepEqual((await names()).sort(), ["newer", "old"]);
  await stage.pass(32 * 60_000);
  deepEqual(await names(), ["newer"]);
});
