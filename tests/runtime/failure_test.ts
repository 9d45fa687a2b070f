import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { exitCode, exitCodeOf, Failure, messageOf, Problems, WrongUse } from "../../lib/runtime/failure.ts";

Deno.test("exit codes are the contract's", () => {
  deepEqual(exitCode, {
    done: 0,
    couldNot: 1,
    wrongUse: 2,
    noPermission: 3,
    notFound: 4,
    unreachable: 5,
  });
});

Deno.test("a failure ends a program with its own exit code, anything else with 1", () => {
  equal(exitCodeOf(new Failure("no such pod", exitCode.notFound)), 4);
  equal(exitCodeOf(new WrongUse("no such option")), 2);
  equal(exitCodeOf(new Error("surprise")), 1);
  equal(exitCodeOf("surprise"), 1);
  equal(exitCodeOf(undefined), 1);
});

Deno.test("a failure keeps its cause", () => {
  const cause = new Error("refused");
  equal(new Failure("cannot", exitCode.couldNot, { cause }).cause, cause);
  equal(new WrongUse("cannot", { cause }).cause, cause);
});

Deno.test("an error is told with its causes, from the outermost in", () => {
  const inner = new Error("connection refused");
  const middle = new Error("no answer from 127.0.0.1", { cause: inner });
  const outer = new Error("Cannot list pods", { cause: middle });
  equal(messageOf(outer), "Cannot list pods: no answer from 127.0.0.1: connection refused");
});

Deno.test("a cause that the error's own message tells already is not told twice", () => {
  const cause = new Error("connection refused");
  equal(
    messageOf(new Error("Cannot list pods (connection refused)", { cause })),
    "Cannot list pods (connection refused)",
  );
});

Deno.test("a message that tells the innermost cause needs none of those between", () => {
  const refused = new Error("connection refused");
  const wrapped = new TypeError("fetch failed", { cause: refused });
  const outer = new Error("No answer: connection refused. Is the cluster up?", { cause: wrapped });
  equal(messageOf(outer), "No answer: connection refused. Is the cluster up?");
});

Deno.test("a cause after a whole sentence stands in brackets", () => {
  const cause = new Error("409: it changed");
  equal(
    messageOf(new Error("Cannot write. Try again.", { cause })),
    "Cannot write. Try again. (409: it changed)",
  );
});

Deno.test("several problems are wrong use, each a line", () => {
  const error = new Problems(["a is wrong.", "b is missing."]);
  deepEqual([exitCodeOf(error), error.message], [2, "a is wrong.\nb is missing."]);
});

Deno.test("what is thrown but is no error is told as it is", () => {
  equal(messageOf("just text"), "just text");
  equal(messageOf(undefined), "undefined");
  equal(messageOf(new Error("Cannot read", { cause: "disk" })), "Cannot read: disk");
});

Deno.test("the outermost error begins every message, the innermost is in it, and it is no longer than all of them", () => {
  fc.assert(fc.property(fc.array(fc.string(), { minLength: 1 }), (messages) => {
    const error = messages.reduceRight<Error | undefined>(
      (cause, text) => new Error(text, cause && { cause }),
      undefined,
    );
    const said = messageOf(error);
    ok(said.startsWith(messages[0]!), said);
    ok(said.includes(messages.at(-1)!), said);
    ok(said.length <= messages.join(" ()").length, said);
  }));
});
