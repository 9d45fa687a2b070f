import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { Failure } from "../../lib/runtime/failure.ts";
import { podAddresses, takeSubnet } from "../../lib/embedded/subnet.ts";

type At = { hostname: string; port: number };

Deno.test("a subnet that another cluster has is left to it, and another one taken", async () => {
  const tried: At[] = [];
  const { subnet, server } = await takeSubnet((at) => {
    tried.push(at);
    if (tried.length < 3) throw new Deno.errors.AddrInUse("taken");
    return Promise.resolve("listening");
  }, "linux");
  equal(server, "listening");
  equal(tried.length, 3);
  deepEqual(subnet.server, tried.at(-1));
});

Deno.test("whoever has a subnet's first address at its port has the subnet", async () => {
  const listen = (at: At) => Promise.resolve(Deno.listen(at));
  const one = await takeSubnet(listen);
  const other = await takeSubnet(listen);
  equal(one.subnet.server.hostname === other.subnet.server.hostname, false);
  for (const { server } of [one, other]) server.close();
});

Deno.test("pods' addresses are in the subnet, and none is the server's", async () => {
  const { subnet } = await takeSubnet(() => Promise.resolve(), "linux");
  const addresses = Array.from({ length: podAddresses }, (_, n) => subnet.address(n));
  equal(new Set(addresses).size, podAddresses);
  const prefix = subnet.server.hostname.replace(/1$/, "");
  for (const address of addresses) match(address, new RegExp(`^${prefix.replaceAll(".", "\\.")}\\d+$`));
  equal(addresses.includes(subnet.server.hostname), false);
  equal(addresses.at(-1), `${prefix}254`);
});

Deno.test("where there is only 127.0.0.1 it is said what to set up first", async () => {
  const refused = () => Promise.reject(new Deno.errors.AddrNotAvailable("no such address"));
  await rejects(takeSubnet(refused, "darwin"), (error: unknown) => {
    equal(error instanceof Failure, true);
    match((error as Error).message, /sudo ifconfig lo0 alias 127\.77\.77\.\$i/);
    return true;
  });
});
