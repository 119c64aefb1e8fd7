// Decides requests by iam-simulate: JSON of simulations on standard input, JSON of decisions on standard output.
//
// A decision has `allowed`; `denials`, the Sids of the resource policy's statements that denied;
// and `errors`, what the evaluator found wrong with a policy, a resource or a context key.

const { readFileSync } = require('node:fs')

const { runSimulation } = require('@cloud-copilot/iam-simulate')

async function decide(simulation) {
  const { overallResult, errors, result } = await runSimulation(simulation, {})
  if (errors) return { allowed: false, denials: [], errors: JSON.stringify(errors) }
  const ignored = result.ignoredContextKeys.filter((key) => !key.toLowerCase().startsWith('aws:'))
  const denials = (result.analysis.resourceAnalysis?.denyStatements ?? []).map((it) => it.explain.identifier)
  return {
    allowed: overallResult === 'Allowed',
    denials,
    errors: ignored.length > 0 ? `context keys that do not apply: ${ignored.join(', ')}` : null,
  }
}

async function main() {
  const decisions = []
  for (const simulation of JSON.parse(readFileSync(0, 'utf8'))) decisions.push(await decide(simulation))
  process.stdout.write(JSON.stringify(decisions))
}

main()
