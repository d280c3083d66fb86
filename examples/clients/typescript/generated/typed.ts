// Uses the types that openapi-typescript makes of openapi-gateway.yaml: bodies and answers that cannot be misspelt.

import type { components, paths } from "./gateway.js";

type Schemas = components["schemas"];
type Decision = Schemas["Decision"];
type Posts = { [Path in keyof paths]: paths[Path] extends { post: unknown } ? Path : never }[keyof paths];
type BodyOf<Path extends Posts> = paths[Path]["post"] extends {
  requestBody: { content: { "application/json": infer Body } };
}
  ? Body
  : never;
type AnswerOf<Path extends Posts> = paths[Path]["post"] extends {
  responses: { 200: { content: { "application/json": infer Answer } } };
}
  ? Answer
  : never;

// A member with a meaning where it is absent may be left out: issuer, lines, port_in, household_source, languages.
export const applicant: Schemas["CheckRequest"] = {
  document: { kind: "RESIDENT_ID", number: "11010519491231002X" },
  service_class: "MOBILE",
  purpose: "NEW_LINE",
  channel: "OUTLET",
  outlet: "SHOP-1",
  identity: "READER",
  consent_text: "standard-1",
  consent: "C-2026-77",
  order: "2026-000123",
  agent: "A-017",
};

// @ts-expect-error a misspelt member does not compile
export const misspelt: Schemas["RecheckRequest"] = { order: "2026-000123", langauges: ["en"] };

// @ts-expect-error a word that is in no vocabulary does not compile
export const unknown: Schemas["OutcomeRow"] = { order: "2026-000123", outcome: "OPENED" };

/** Posts a body to the local service; the answer has the type of the path. */
export async function post<Path extends Posts>(
  gateway: string,
  token: string,
  path: Path,
  body: BodyOf<Path>,
): Promise<AnswerOf<Path>> {
  const answer = await fetch(gateway + path, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const content: unknown = await answer.json();
  if (!answer.ok) throw new Error((content as Schemas["ProblemDocument"]).type);
  return content as AnswerOf<Path>;
}

/** Says what to do with a decision; a decision that this program does not know stops the compiler. */
export function next(decision: Decision): string {
  switch (decision.decision) {
    case "ALLOW":
      return "open the line";
    case "PAY_FIRST":
      return `show quote ${decision.quote?.reference ?? "none"}`;
    case "REVIEW":
      return "a person looks at it";
    case "VERIFY_ID":
      return "verify the person";
    case "DEPOSIT":
      return "take the deposit";
    case "PREPAID_ONLY":
      return "open a prepaid line";
  }
}

/** Asks, and reports many outcomes; returns the rows that were refused. */
export async function evening(gateway: string, token: string): Promise<string[]> {
  const decision = await post(gateway, token, "/check", applicant);
  console.log(next(decision));
  const told = await post(gateway, token, "/activations/batch", {
    outcomes: [{ order: "2026-000123", outcome: "ACTIVATED" }],
  });
  return told.verdicts.filter((each) => each.activation_id === undefined).map((each) => each.verdict);
}
