import { deepEqual, equal } from "node:assert/strict";
import { secretsIn, withoutSecrets } from "../../../lib/data/source/scrub.ts";

Deno.test("passwords and queries in URLs, and given secrets wherever they stand, are cut out", () => {
  const said =
    "fatal: unable to access 'https://user:pw@host/r.git?token=abc/': token abcd1234 refused by ssh://git@h/x";
  equal(
    withoutSecrets(said, ["abcd1234"]),
    "fatal: unable to access 'https://host/r.git': token *** refused by ssh://h/x",
  );
});

Deno.test("a secret that holds another one goes whole, and one too short cuts no words to pieces", () => {
  equal(withoutSecrets("say secret-long and secret", ["secret", "secret-long", "a", ""]), "say *** and ***");
  equal(withoutSecrets("costs $1", ["$1$&x"]), "costs $1");
});

Deno.test("the secrets of a credentials file are its passwords, as written and as meant", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(
      file,
      "https://me:p%40ss%2Fword@host\n\nnonsense\nhttp://a:b%zz@h\nhttps://nobody@h\n",
    );
    deepEqual(await secretsIn(file), ["p%40ss%2Fword", "p@ss/word", "b%zz", "b%zz"]);
  } finally {
    await Deno.remove(file);
  }
  deepEqual(await secretsIn(""), []);
  deepEqual(await secretsIn("/gone"), []);
});
