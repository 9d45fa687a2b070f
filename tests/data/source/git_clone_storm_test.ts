import { ok } from "node:assert/strict";
import { newest, sizeOf, Sources } from "./sources.ts";
import { Upstream } from "./upstream.ts";

Deno.test("the clone does not grow with the number of versions", async () => {
  await using upstream = await Upstream.create();
  await using sources = await Sources.create();
  const source = sources.git(`git:${upstream.bare}`);
  const random = () => crypto.getRandomValues(new Uint8Array(60_000));
  for (let i = 0; i < 30; i++) {
    await upstream.push({ f: random() });
    await newest(source);
  }
  const size = await sizeOf(`${sources.folder}/source/git/objects`);
  ok(size < 2_000_000, `${size} bytes after 30 versions of 60 KB`);
});
