/**
 * What data needs whatever is tried with it: addresses, a folder, an upstream and a repository of it.
 *
 * @module
 */
import { join } from "node:path";
import { type Subnet, takeSubnet } from "../../../lib/embedded/subnet.ts";
import { createUpstream, type Upstream } from "../../../scripts/demo/upstream.ts";
import { Repository, type RepositoryOptions } from "./data_repository.ts";

/** The source's name. */
export const source = "catalog";

/** The parts. */
export interface DataGround {
  /** Goes with everything in it. */
  readonly folder: string;
  /** Addresses that nobody else has: a deployer's port is always the same. */
  readonly subnet: Subnet;
  readonly upstream: Upstream;
  /** Of one {@link source}, which holds nothing yet. */
  readonly repository: Repository;
}

/** How to make the ground. */
export interface GroundOptions extends Pick<RepositoryOptions, "run" | "args"> {
  /** Where the folder is made; without it, where temporary folders are. */
  readonly within?: string;
  /** Makes the upstream in an empty folder; without it, a git repository where there is git. */
  readonly upstreamIn?: (folder: string) => Promise<Upstream>;
}

/** Makes the parts; all of them go with `disposal`. */
export async function dataGround(
  { run, args, within, upstreamIn = createUpstream }: GroundOptions,
  disposal: AsyncDisposableStack,
): Promise<DataGround> {
  const { subnet, server } = await takeSubnet((at) => Promise.resolve(Deno.listen(at)));
  disposal.defer(() => server.close());
  const folder = await Deno.makeTempDir({ prefix: "autocrane-data-", ...(within && { dir: within }) });
  disposal.defer(() => removeTree(folder));
  for (const part of ["upstream", "repository", "pods"]) await Deno.mkdir(join(folder, part));
  const upstream = await upstreamIn(join(folder, "upstream"));
  const repository = await Repository.start({
    run,
    args,
    address: subnet.address(250),
    folder: join(folder, "repository"),
    sources: { [source]: upstream.spec },
  });
  disposal.defer(() => repository.stop());
  return { folder, subnet, upstream, repository };
}

/** Removes a folder of which parts may not be written to. */
export async function removeTree(folder: string): Promise<void> {
  await new Deno.Command("chmod", { args: ["-R", "u+w", folder] }).output();
  await Deno.remove(folder, { recursive: true });
}
