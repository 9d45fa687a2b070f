import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fixedCredentials, tokenExpiry, tokenFileCredentials } from "../../lib/kube/credentials.ts";
import { exitCode, Failure } from "../../lib/runtime/failure.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { temporaryFolder } from "./harness.ts";

const start = "2026-01-31T12:00:00Z";

/** A token that ends `seconds` after the fake clock's start. */
function jwt(seconds: number, claims: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ ...claims, exp: Date.parse(start) / 1000 + seconds })}.sig`;
}

Deno.test("a JWT says when it ends; anything else does not", () => {
  equal(tokenExpiry(jwt(60, { name: "zażółć???>>>" })), Date.parse(start) + 60_000);
  for (
    const token of [
      "",
      "opaque",
      "a.b.c",
      "a.bm8.c",
      `a.${Buffer.from('{"exp":"soon"}').toString("base64url")}.c`,
      `a.${Buffer.from("null").toString("base64url")}.c`,
    ]
  ) {
    equal(tokenExpiry(token), undefined, token);
  }
});

Deno.test("fixed credentials stay what they are, refused or not", async () => {
  const credentials = fixedCredentials({ authorization: "Bearer x" });
  credentials.refused();
  deepEqual(await credentials.proof(), { authorization: "Bearer x" });
});

/** A token file that a test rewrites. */
async function tokenFile(token: string) {
  const folder = await temporaryFolder();
  const path = `${folder.path}/token`;
  const clock = new FakeClock(start);
  const write = (text: string) => Deno.writeTextFile(path, text);
  await write(token);
  const credentials = tokenFileCredentials(path, clock);
  const shown = async () => (await credentials.proof()).authorization;
  return { path, clock, credentials, write, shown, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

Deno.test("a token file is read again each minute, without the line break at its end", async () => {
  await using file = await tokenFile("one\n");
  equal(await file.shown(), "Bearer one");
  await file.write("two\n");
  await file.clock.advance(59_999);
  equal(await file.shown(), "Bearer one");
  await file.clock.advance(1);
  equal(await file.shown(), "Bearer two");
});

Deno.test("a token that is about to end is read again before it does", async () => {
  const token = jwt(30);
  await using file = await tokenFile(token);
  equal(await file.shown(), `Bearer ${token}`);
  await file.write("renewed");
  await file.clock.advance(19_999);
  equal(await file.shown(), `Bearer ${token}`);
  await file.clock.advance(1);
  equal(await file.shown(), "Bearer renewed");
});

Deno.test("the age of a token goes by no clock that somebody may set", async () => {
  await using file = await tokenFile("one");
  await file.shown();
  await file.write("two");
  file.clock.jump(-24 * 3600 * 1000);
  await file.clock.advance(60_000);
  equal(await file.shown(), "Bearer two");
  await file.write("three");
  file.clock.jump(48 * 3600 * 1000);
  equal(await file.shown(), "Bearer two", "nothing says that it ended");
});

Deno.test("a token that was refused is read again at once", async () => {
  await using file = await tokenFile("one");
  await file.shown();
  await file.write("two");
  file.credentials.refused();
  equal(await file.shown(), "Bearer two");
});

Deno.test("a token file that cannot be read is named, with what to look at", async () => {
  await using file = await tokenFile("one");
  await Deno.remove(file.path);
  await rejects(file.credentials.proof(), (error) => {
    match(
      (error as Error).message,
      new RegExp(`^Cannot read token "${file.path}": .*Is the projected volume`),
    );
    return error instanceof Failure && error.exitCode === exitCode.noPermission;
  });
});
