// Shows the API document. All text goes through `textContent`, so nothing in it can act.

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];
const REF = '#/components/schemas/';

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== ''));
  return made;
}

const code = (text) => element('code', {}, text);
const spaced = (nodes, separator) => nodes.flatMap((node, at) => (at ? [separator, node] : [node]));

/** The type of a schema in a few words, with links to the schemas that it names. */
function type(schema, depth = 0) {
  const made = element('span', { class: 'type' });
  if (schema === undefined || schema === true) made.append('anything');
  else if (schema.$ref?.startsWith(REF)) {
    const name = decodeURIComponent(schema.$ref.slice(REF.length));
    made.append(element('a', { href: `#schema-${name}` }, name));
  } else if (depth > 6) made.append('…');
  else if (schema.const !== undefined) made.append(JSON.stringify(schema.const));
  else if (schema.enum) made.append(schema.enum.map((value) => JSON.stringify(value)).join(' | '));
  else if (schema.oneOf || schema.anyOf || schema.allOf) {
    const joint = schema.allOf ? ' & ' : ' | ';
    const parts = schema.oneOf ?? schema.anyOf ?? schema.allOf;
    made.append(...spaced(parts.map((part) => type(part, depth + 1)), joint));
  } else if (schema.type === 'array' || schema.type?.includes?.('array')) {
    made.append('list of ', type(schema.items, depth + 1));
  } else {
    const names = [schema.type ?? 'anything'].flat().join(' | ');
    made.append(schema.format ? `${names} (${schema.format})` : names);
  }
  return made;
}

/** The bounds of a value, such as its greatest length. */
function bounds(schema = {}) {
  const words = {
    minimum: 'at least', maximum: 'at most', minLength: 'length at least', maxLength: 'length at most',
    minItems: 'items at least', maxItems: 'items at most', pattern: 'pattern', default: 'default',
  };
  return Object.entries(words)
    .filter(([key]) => schema[key] !== undefined && schema[key] !== null)
    .map(([key, word]) => `${word} ${schema[key]}`)
    .join(', ');
}

function table(caption, columns, rows) {
  const head = element('tr', {}, ...columns.map((column) => element('th', { scope: 'col' }, column)));
  const body = rows.map(([first, ...others]) => element(
    'tr', {},
    element('th', { scope: 'row' }, first),
    ...others.map((cell) => element('td', {}, cell)),
  ));
  return element(
    'div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption },
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...body)),
  );
}

function parameters(list) {
  const rows = list.map((parameter) => [
    code(parameter.name),
    parameter.required ? `${parameter.in}, required` : parameter.in,
    type(parameter.schema),
    [parameter.description ?? '', bounds(parameter.schema)].filter(Boolean).join(' — '),
  ]);
  return table('Parameters', ['Name', 'Where', 'Type', 'About'], rows);
}

/** The media types of a body or an answer with the type of each. */
function content(media = {}) {
  const lines = Object.entries(media).map(([name, { schema }]) => (
    element('p', {}, code(name), ' ', type(schema))
  ));
  return element('div', {}, ...lines);
}

function facts(operation) {
  const codes = operation['x-error-codes'] ?? [];
  const pairs = [
    ['Who', operation['x-access']],
    ['Recorded as', operation['x-audit']],
    ['Second factor', operation['x-step-up'] ? 'needed, freshly' : undefined],
    ['Error codes', codes.length ? element('span', {}, ...spaced(codes.map(code), ', ')) : undefined],
  ];
  return element('dl', {}, ...pairs
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
}

function details(operation, shared) {
  const made = element('div', {});
  if (operation.description) made.append(element('p', {}, operation.description));
  made.append(facts(operation));
  const list = [...shared, ...(operation.parameters ?? [])];
  if (list.length) made.append(element('h3', {}, 'Parameters'), parameters(list));
  if (operation.requestBody) {
    made.append(element('h3', {}, 'Body'), content(operation.requestBody.content));
  }
  const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) => {
    const about = element('div', {});
    for (const line of (answer.description ?? '').split('\n\n')) about.append(element('p', {}, line));
    about.append(content(answer.content));
    return [status, about];
  });
  made.append(element('h3', {}, 'Answers'), table('Answers', ['Status', 'About'], answers));
  return made;
}

function operation(path, method, value, shared) {
  const made = element(
    'details', { id: value.operationId ?? `${method}-${path}` },
    element(
      'summary', {},
      element('span', { class: 'method' }, method.toUpperCase()),
      element('span', { class: 'path' }, path),
      element('span', { class: 'hint' }, value.summary ?? ''),
    ),
  );
  // Most operations are never opened: their insides are made when they are.
  made.addEventListener('toggle', () => made.append(details(value, shared)), { once: true });
  const words = [method, path, value.summary, value.description, value['x-access'], ...(value.tags ?? [])];
  made.dataset.words = words.filter(Boolean).join(' ').toLowerCase();
  return made;
}

function operations(api) {
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths ?? {})) {
    for (const method of METHODS.filter((name) => item[name])) {
      const tag = item[method].tags?.[0] ?? 'other';
      const made = operation(path, method, item[method], item.parameters ?? []);
      groups.set(tag, [...(groups.get(tag) ?? []), made]);
    }
  }
  return [...groups].sort(([one], [other]) => one.localeCompare(other)).map(([tag, list]) => (
    element('section', { 'aria-label': tag }, element('h2', {}, tag), ...list)
  ));
}

function schema(name, value) {
  const required = new Set(value.required ?? []);
  const rows = Object.entries(value.properties ?? {}).map(([field, property]) => [
    code(field),
    type(property),
    required.has(field) ? 'required' : 'optional',
    [property.description ?? '', bounds(property)].filter(Boolean).join(' — '),
  ]);
  const inside = element('div', {});
  if (value.description) inside.append(element('p', {}, value.description));
  if (rows.length) inside.append(table(`Fields of ${name}`, ['Field', 'Type', 'Needed', 'About'], rows));
  else inside.append(element('p', {}, type(value), ` ${bounds(value)}`));
  const title = element('summary', {}, element('span', { class: 'path' }, name));
  return element('details', { id: `schema-${name}` }, title, inside);
}

/** Opens what the address names, so that links to schemas and operations show them. */
function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.scrollIntoView();
  }
}

function filter() {
  const words = document.getElementById('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const section of document.querySelectorAll('#operations section')) {
    const all = [...section.querySelectorAll('details')];
    for (const one of all) {
      one.hidden = !words.every((word) => one.dataset.words.includes(word));
      shown += one.hidden ? 0 : 1;
    }
    section.hidden = all.every((one) => one.hidden);
  }
  document.getElementById('count').textContent = `${shown} operations`;
}

async function start() {
  const place = document.getElementById('operations');
  try {
    const response = await fetch('/api/openapi.json');
    if (!response.ok) throw new Error(`status ${response.status}`);
    const api = await response.json();
    document.getElementById('title').textContent = `${api.info.title} API ${api.info.version}`;
    document.getElementById('about').textContent = api.info.description ?? '';
    place.replaceChildren(...operations(api));
    const schemas = Object.entries(api.components?.schemas ?? {});
    document.getElementById('schemas').replaceChildren(...schemas.map(([name, value]) => schema(name, value)));
    filter();
    openNamed();
  } catch (error) {
    place.replaceChildren(element('p', { role: 'alert' }, `The document cannot be loaded: ${error.message}`));
  }
}

document.getElementById('filter').addEventListener('input', filter);
document.getElementById('search').addEventListener('submit', (event) => event.preventDefault());
window.addEventListener('hashchange', openNamed);
start();
