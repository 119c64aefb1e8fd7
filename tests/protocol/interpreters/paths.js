// Runs every scripted path through the state machine with the evaluator in asl.js, and reports where an execution differs.
//
//     node paths.js check|write
//
// `write` (`make paths`) writes into each file the result of its attempts; `check` compares, and tries the fallback notification.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { isDeepStrictEqual } = require("node:util");
const { evaluate, run } = require("./asl.js");

const PROJECT = path.join(__dirname, "../../..");
const FOLDER = path.join(PROJECT, "tests/fixtures/paths");
const read = (file) => JSON.parse(fs.readFileSync(file, "utf8"));

/** The definition for a path: the first state assigns what the path begins with. */
function beginning(definition, begins) {
  const copy = structuredClone(definition);
  Object.assign(copy.States[copy.StartAt].Assign, begins);
  return copy;
}

async function walk(definition, scripted) {
  const attempts = scripted.steps.flatMap((step) => (step.attempts ?? []).map((attempt) => ({ state: step.state, attempt })));
  const answer = (state) => {
    const next = attempts.shift();
    if (next === undefined) throw new Error(`no attempt of ${state} is scripted`);
    if (next.state !== state) throw new Error(`an attempt of ${next.state} is scripted, and ${state} is called`);
    return next.attempt;
  };
  const walked = await run(beginning(definition, scripted.begins_with), scripted.execution, answer);
  if (attempts.length > 0) throw new Error(`it ends before ${attempts[0].state} is called`);
  return walked;
}

function difference(expected, walked) {
  const at = walked.steps.findIndex((step, index) => !isDeepStrictEqual(step, expected.steps[index]));
  if (at >= 0) return `step ${at}: ${JSON.stringify(walked.steps[at])}, not ${JSON.stringify(expected.steps[at])}`;
  if (walked.steps.length !== expected.steps.length) return `it ends after ${walked.steps.length} steps`;
  return isDeepStrictEqual(walked.ends, expected.ends) ? undefined : `it ends with ${JSON.stringify(walked.ends)}`;
}

/** The fallback notification stays JSON, in all its parts, whatever the cause is. */
async function hostileCauses(definition) {
  const template = definition.States["Notify of failure"].Arguments.Message;
  const context = { Execution: { Name: "execution" } };
  const characters = [...Array(0x180).keys()].map((code) => String.fromCharCode(code));
  characters.push("\u2028", "\ufffe", "\ud800", "\udc00", "\ud83d\udca5", '"}', "\\", "\\u0000", "'", "%}");
  const causes = [...characters, characters.join(""), "\ud83d\udca5".repeat(2000), ""];
  for (const cause of causes) {
    const failure = { error: `E${cause}`, cause };
    const subject = `arn:aws:iam::111122223333:role/${cause}`;
    const text = await evaluate(template, { case: { case_id: "c-1", subject }, failure }, { context });
    const message = JSON.parse(text);
    for (const channel of ["sqs", "lambda", "https", "http"]) JSON.parse(message[channel]);
    if (/[^ -~\n]/.test(Object.values(message).join(""))) throw new Error(`${JSON.stringify(cause)} comes through`);
  }
  return causes.length;
}

async function main(mode) {
  const definition = read(path.join(PROJECT, "infra/case/case.asl.json"));
  const files = fs.readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
  const problems = [];
  for (const name of files) {
    const file = path.join(FOLDER, name);
    const scripted = read(file);
    try {
      const walked = await walk(definition, scripted);
      if (mode === "write") {
        fs.writeFileSync(file, `${written({ ...scripted, ...walked })}\n`);
      } else {
        const problem = difference(scripted, walked);
        if (problem !== undefined) problems.push(`${name}: ${problem}`);
      }
    } catch (error) {
      problems.push(`${name}: ${error.message}`);
    }
  }
  const causes = await hostileCauses(definition);
  for (const problem of problems) console.error(problem);
  console.log(`${files.length - problems.length} of ${files.length} paths, ${causes} causes`);
  process.exitCode = problems.length > 0 || files.length === 0 ? 1 : 0;
}

/** One line a step. */
function written({ about, execution, begins_with, steps, ends }) {
  const fields = ["state", "arguments", "attempts", "seconds", "assigned", "next"];
  const lines = steps.map((step) => {
    const members = fields.filter((name) => step[name] !== undefined).map((name) => [name, step[name]]);
    return `    ${JSON.stringify(Object.fromEntries(members))}`;
  });
  const head = [["about", about], ["execution", execution], ["begins_with", begins_with]]
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  "${name}": ${JSON.stringify(value)},\n`);
  return `{\n${head.join("")}  "steps": [\n${lines.join(",\n")}\n  ],\n  "ends": ${JSON.stringify(ends)}\n}`;
}

if (!["check", "write"].includes(process.argv[2])) throw new Error("usage: node paths.js check|write");
main(process.argv[2]);
