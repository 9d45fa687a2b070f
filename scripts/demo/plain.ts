/**
 * The story in lines, for where there is no terminal.
 *
 * @module
 */
import type { Pod } from "../../k8s/core_v1.ts";
import { say } from "../check/say.ts";
import { rowOf } from "./pod_row.ts";
import { nameOf, noteOf } from "./stage.ts";
import type { Progress, Teller } from "./teller.ts";
import type { View } from "./view.ts";
import { home, shop } from "./workloads.ts";

/** Tells each change in a line of its own, with the seconds since the beginning. */
export function plainTeller(view: View, steps: readonly Progress[], now: () => number): Teller {
  const began = now();
  const line = (text: string) => say(`${((now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  const said = new Map<string, number>();
  tellPods(view, line);
  tellEvents(view, line);
  return {
    changed(step) {
      const number = `${steps.indexOf(step) + 1}/${steps.length}`;
      if (step.state === "under way" && step.actions.length === 0) line(`${number}  ${step.title}`);
      for (const action of step.actions.slice(said.get(step.title) ?? 0)) line(`  $ ${action}`);
      said.set(step.title, step.actions.length);
      if (step.state === "seen") line(`  seen: ${step.outcome}`);
      if (step.state === "not seen") line(`  NOT SEEN: ${step.outcome}`);
    },
  };
}

/** Tells when a pod comes, is ready, changes its health or goes. */
function tellPods(view: View, line: (text: string) => void): void {
  const told = new Map<string, string>();
  view.onChange(() => {
    const now = new Set<string>();
    for (const pod of [...view.pods(home), ...view.pods(shop)]) {
      now.add(nameOf(pod));
      const words = wordsFor(pod);
      if (told.get(nameOf(pod)) !== words) line(`    pod ${nameOf(pod)}: ${words}`);
      told.set(nameOf(pod), words);
    }
    for (const name of told.keys()) {
      if (now.has(name)) continue;
      line(`    pod ${name}: gone`);
      told.delete(name);
    }
  });
}

function wordsFor(pod: Pod): string {
  const { ready, status, health, said, data } = rowOf(pod, Date.now());
  const words = [status, `${ready} ready`, health && `health ${health}`, health === "error" && said, data];
  return words.filter(Boolean).join(", ");
}

/** Tells AutoCrane's Events. */
function tellEvents(view: View, line: (text: string) => void): void {
  const told = new Set<string>();
  view.onChange(() => {
    for (const event of view.events()) {
      const { uid } = event.metadata;
      if (told.has(uid!)) continue;
      told.add(uid!);
      line(`    event ${event.reason} on ${event.involvedObject.name}: ${noteOf(event)}`);
    }
  });
}
