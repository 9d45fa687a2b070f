/**
 * Processes that stand for election in a test.
 *
 * @module
 */
import { CoordinationV1Api } from "../../k8s/coordination_v1.ts";
import { Election } from "../../lib/kube/election.ts";
import { newRegistry, type Registry } from "../../lib/runtime/metrics.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { memoryLog } from "./harness.ts";
import { LeaseServer, Machine } from "./lease_server.ts";

/** One candidate and the process that it is. */
export interface Candidate {
  readonly name: string;
  readonly machine: Machine;
  readonly election: Election;
  readonly log: ReturnType<typeof memoryLog>;
  readonly registry: Registry;
  /** What it was told of its leading, in order. */
  readonly told: boolean[];
  /** Asks it to end, and waits until it has. */
  end(): Promise<void>;
}

/** One Lease, one time, and whoever wants to lead. */
export interface Ballot extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly server: LeaseServer;
  /** Starts a candidate; `lastWrite` and `changed` as the election takes them. */
  start(
    name: string,
    options?: { lastWrite?: () => Promise<void>; changed?: (leads: boolean) => void | Promise<void> },
  ): Candidate;
  /** The names of those that lead now. */
  leaders(): string[];
}

/** A ballot of nobody yet. All candidates end with it. */
export function ballot(): Ballot {
  const clock = new FakeClock();
  const server = new LeaseServer();
  const candidates: Candidate[] = [];
  return {
    clock,
    server,
    start(name, { lastWrite, changed } = {}) {
      const candidate = startCandidate({ name, clock, server, lastWrite, changed });
      candidates.push(candidate);
      return candidate;
    },
    leaders: () => candidates.filter(({ election }) => election.leads).map(({ name }) => name),
    async [Symbol.asyncDispose]() {
      for (const { machine } of candidates) {
        machine.fate = "ok";
        machine.resume();
      }
      const ends = Promise.all(candidates.map((candidate) => candidate.end()));
      await clock.advance(60_000);
      await ends;
    },
  };
}

function startCandidate(
  { name, clock, server, lastWrite, changed }: {
    name: string;
    clock: FakeClock;
    server: LeaseServer;
    lastWrite: (() => Promise<void>) | undefined;
    changed: ((leads: boolean) => void | Promise<void>) | undefined;
  },
): Candidate {
  const machine = new Machine(server, clock);
  const log = memoryLog();
  const registry = newRegistry("test", "1");
  const told: boolean[] = [];
  const asked = new AbortController();
  const election = new Election({
    leases: new CoordinationV1Api(machine).namespace("autocrane"),
    name: "lead",
    identity: name,
    clock: machine,
    log,
    registry,
    random: () => 0.5,
    changed: (leads) => {
      told.push(leads);
      return changed?.(leads);
    },
  });
  const running = election.run(asked.signal, lastWrite);
  const end = () => {
    asked.abort(new Error("asked to end"));
    return running;
  };
  return { name, machine, election, log, registry, told, end };
}
