import { equal } from "node:assert/strict";
import { expand } from "../../../lib/embedded/node/expand.ts";

const variables = new Map([["NAME", "web"], ["EMPTY", ""], ["MONEY", "$(NAME)"]]);

const examples: Record<string, string> = {
  "$(NAME)": "web",
  "a-$(NAME)-$(NAME)": "a-web-web",
  "$(EMPTY)": "",
  "$(UNKNOWN)": "$(UNKNOWN)",
  "$$(NAME)": "$(NAME)",
  "$$$(NAME)": "$web",
  "$NAME $ ${NAME}": "$NAME $ ${NAME}",
  "$(NAME": "$(NAME",
  "$(MONEY)": "$(NAME)",
};

for (const [text, expanded] of Object.entries(examples)) {
  Deno.test(`${text} becomes ${expanded || "nothing"}`, () => equal(expand(text, variables), expanded));
}
