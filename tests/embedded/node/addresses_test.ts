import { deepEqual, equal, throws } from "node:assert/strict";
import { AddressPool } from "../../../lib/embedded/node/addresses.ts";

const range = { host: "127.9.9.1", pods: ["127.9.9.2", "127.9.9.3", "127.9.9.4"] };

Deno.test("an address that was given back is not given again before the others", () => {
  const pool = new AddressPool(range);
  const first = pool.take()!;
  pool.release(first);
  deepEqual([pool.take(), pool.take(), pool.take()], ["127.9.9.3", "127.9.9.4", "127.9.9.2"]);
});

Deno.test("when all addresses are taken there is none", () => {
  const pool = new AddressPool({ ...range, pods: ["127.9.9.2"] });
  pool.take();
  equal(pool.take(), undefined);
});

Deno.test("an address on which nobody can listen is passed over", () => {
  const pool = new AddressPool(range, (address) => address === "127.9.9.3");
  deepEqual([pool.take(), pool.take()], ["127.9.9.3", undefined]);
});

Deno.test("where there are no addresses, it is said what to set up", () => {
  const pool = new AddressPool(range, () => false);
  throws(() => pool.check("darwin"), {
    message: "Cannot listen on any pod's address, from 127.9.9.2 to 127.9.9.4. " +
      "Each has to be set up first, until the next restart: sudo ifconfig lo0 alias 127.9.9.2 up",
  });
  throws(() => pool.check("linux"), /Is all of 127\.0\.0\.0\/8/);
  new AddressPool(range).check();
});
