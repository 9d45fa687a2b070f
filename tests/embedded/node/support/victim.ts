/**
 * A node for a test to kill: two pods whose processes ignore SIGTERM and have a child each.
 *
 * @module
 */
import { writeOut } from "../../../../lib/runtime/output.ts";
import { TestNode } from "./node.ts";
import { script } from "./scripts.ts";

const node = await TestNode.start();
// In arguments `$$` is one dollar sign.
const stubborn = script("app", "trap '' TERM; sleep 600 & echo $$$$ $!; wait");
for (const name of ["a", "b"]) await node.pod(name, { containers: [stubborn] });
const pids = [await node.logWith("a", "\n"), await node.logWith("b", "\n")].map((text) => text.trim());
writeOut(`${[node.folder, ...pids].join(" ")}\n`);
