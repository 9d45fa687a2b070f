import { equal } from "node:assert/strict";
import { withShortNames } from "../../../lib/orchestrator/rollout/short_names.ts";

Deno.test("versions have short names in words for people, whatever else is there stays", () => {
  const commit = "e205187cd0a9f6c3a0b1c2d3e4f5061728394a5b";
  equal(
    withShortNames(`6b06e8be-${commit} goes to web-7d9f8b6c5d-x2x4z, not 6b06e8be-${commit}.tar`),
    "6b06e8be-e205187 goes to web-7d9f8b6c5d-x2x4z, not 6b06e8be-e205187.tar",
  );
  for (const text of ["6b06e8be-e205187", `sha256:${commit}`, "2f1c0a7e-5b1d-4c1e-9f00-0123456789ab"]) {
    equal(withShortNames(text), text);
  }
});
