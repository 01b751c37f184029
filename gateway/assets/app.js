// Reads /openapi.json and makes a page of it on which every operation can be tried. Text becomes text nodes only, so
// nothing in the document can become markup.
'use strict';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const ANSWER_CHARACTERS_MAX = 200000;
/** The type of a body that is a file. */
const ANY_BYTES = '*/*';
let api;

/** Makes an element: its attributes, then its children (elements or text). */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === 'onclick') element.addEventListener('click', value);
    else if (value !== false && value !== undefined) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The little Markdown that comments have: paragraphs, lists, code. */
function prose(text) {
  const parts = make('div', {class: 'doc'});
  for (const block of (text || '').split(/\n\n+/)) {
    const lines = block.split('\n');
    const items = lines.filter((line) => line.startsWith('- '));
    const words = lines.filter((line) => !line.startsWith('- ')).join(' ');
    if (words) parts.append(make('p', {}, ...coded(words)));
    if (items.length) parts.append(make('ul', {}, ...items.map((item) => make('li', {}, ...coded(item.slice(2))))));
  }
  return parts;
}

function coded(text) {
  return text.split('`').map((piece, index) => (index % 2 ? make('code', {}, piece) : piece));
}

function resolve(value) {
  let target = value || {};
  for (let hops = 0; target.$ref && hops < 8; hops += 1) {
    target = target.$ref.slice(2).split('/').reduce((at, key) => at[key], api);
  }
  return target;
}

function typeName(schema) {
  const target = resolve(schema);
  if (target.type === 'array') return 'list of ' + typeName(target.items);
  if (target.type === 'object' && target.additionalProperties && !target.properties) {
    return 'map of ' + (target.additionalProperties === true ? 'anything' : typeName(target.additionalProperties));
  }
  if (target.title) return target.title;
  const name = [].concat(target.type || 'any JSON').filter((one) => one !== 'null').join(' or ');
  return target.contentEncoding || target.format ? name + ' (' + (target.contentEncoding || target.format) + ')' : name;
}

/** An example of a schema: the fields that a client may write. */
function example(schema, depth) {
  const target = resolve(schema);
  if (target.type === 'array') return depth > 2 ? [] : [example(target.items, depth + 1)];
  if (target.properties) {
    const fields = Object.entries(target.properties).filter(([, field]) => !field.readOnly && !resolve(field).readOnly);
    const wanted = depth > 2 ? fields.filter(([name]) => (target.required || []).includes(name)) : fields;
    return Object.fromEntries(wanted.map(([name, field]) => [name, example(field, depth + 1)]));
  }
  if (target.enum) return target.enum[Math.min(1, target.enum.length - 1)];
  switch ([].concat(target.type)[0]) {
    case 'object': return {};
    case 'boolean': return false;
    case 'integer': case 'number': return 0;
    case 'string':
      if (target.format === 'date-time') return new Date(Date.UTC(2026, 0, 1)).toISOString();
      if (target.format === 'int64' || target.format === 'uint64') return '0';
      return '';
    default: return null;
  }
}

/** The fields of a message; messages inside open on demand, since a message may hold itself. */
function fields(schema) {
  const target = resolve(schema);
  const inner = target.type === 'array' ? resolve(target.items) : target;
  if (!inner.properties) return prose(inner.description);
  const list = make('dl', {class: 'fields'});
  for (const [name, field] of Object.entries(inner.properties)) {
    const required = (inner.required || []).includes(name);
    const notes = [field.readOnly && 'read only', field.writeOnly && 'write only', field.deprecated && 'deprecated'];
    const type = [typeName(field), ...notes.filter(Boolean)].join(', ');
    const word = make('span', {class: required ? 'required' : ''}, name);
    list.append(make('dt', {}, word, ' ', make('span', {class: 'type'}, type)), make('dd', {}, prose(field.description)));
    const below = resolve(field);
    const message = below.type === 'array' ? resolve(below.items) : below;
    if (message.properties || message.enum) list.append(make('dd', {}, onDemand(message)));
  }
  return list;
}

function onDemand(schema) {
  const details = make('details', {}, make('summary', {}, typeName(schema)));
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) details.append(fields(schema));
  });
  return details;
}

function input(parameter) {
  const schema = resolve(parameter.schema);
  const list = schema.type === 'array';
  const one = list ? resolve(schema.items) : schema;
  const choices = one.type === 'boolean' ? ['true', 'false'] : one.enum;
  const attributes = {'data-name': parameter.name, 'data-in': parameter.in, 'data-list': list, 'data-many': parameter['x-multi-segment'], 'aria-label': parameter.name};
  if (choices && !list) {
    return make('select', attributes, make('option', {value: ''}, ''), ...choices.map((one) => make('option', {}, one)));
  }
  return make('input', {...attributes, placeholder: list ? typeName(schema) + ', commas between' : typeName(schema)});
}

function operationElement(path, method, operation) {
  const details = make('details', {class: 'operation', id: operation.operationId},
    make('summary', {},
      make('span', {class: 'method ' + method}, method.toUpperCase()),
      make('span', {class: 'path'}, path),
      make('span', {class: 'summary'}, operation.summary || '')));
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) details.append(inside(path, method, operation));
  });
  return details;
}

function inside(path, method, operation) {
  const element = make('div', {class: 'inside'}, prose(operation.description));
  const parameters = operation.parameters || [];
  if (parameters.length) element.append(make('h3', {}, 'Parameters'));
  for (const parameter of parameters) {
    element.append(make('div', {class: 'parameter'},
      make('label', {}, make('span', {class: parameter.required ? 'required' : ''}, parameter.name),
        make('small', {}, parameter.in)),
      make('div', {}, input(parameter), prose(parameter.description))));
  }
  const body = operation.requestBody && Object.entries(operation.requestBody.content)[0];
  if (body && body[0] === ANY_BYTES) {
    const file = make('input', {type: 'file', 'data-body': body[0], 'aria-label': 'File'});
    element.append(make('h3', {}, 'Body (a file)'), file);
  } else if (body) {
    const text = make('textarea', {'data-body': body[0], spellcheck: 'false', 'aria-label': 'Body'});
    text.value = JSON.stringify(example(body[1].schema, 0), null, body[0].includes('ndjson') ? 0 : 2);
    element.append(make('h3', {}, 'Body (' + body[0] + ')'), text, onDemand(body[1].schema));
  }
  const success = (operation.responses['200'] || {}).content || {};
  const [media, answer] = Object.entries(success)[0] || [];
  if (answer) element.append(make('h3', {}, 'Answer (' + media + ')'), onDemand(answer.schema));
  element.append(tryIt(element, path, method, operation, Boolean(success['text/event-stream'])));
  return element;
}

/** The request that the form describes. */
function request(element, path, method) {
  const headers = {};
  const query = new URLSearchParams();
  let address = path;
  for (const field of element.querySelectorAll('[data-name]')) {
    const {name, list} = field.dataset;
    const value = field.value;
    if (field.dataset.in === 'path') {
      const parts = field.dataset.many === undefined ? [value] : value.split('/');
      address = address.replace('{' + name + '}', () => parts.map(encodeURIComponent).join('/'));
    } else if (value !== '' && field.dataset.in === 'header') {
      headers[name] = value;
    } else if (value !== '') {
      const values = list === undefined ? [value] : value.split(',').map((one) => one.trim());
      values.forEach((one) => query.append(name, one));
    }
  }
  const field = element.querySelector('[data-body]');
  const file = field && field.files && field.files[0];
  const text = field && !field.files && field.value.trim() ? field.value : undefined;
  const token = document.getElementById('token').value.trim();
  if (token) headers.Authorization = 'Bearer ' + token;
  if (text) headers['Content-Type'] = field.dataset.body;
  if (file) headers['Content-Type'] = file.type || 'application/octet-stream';
  const words = query.toString();
  return {
    address: address + (words ? '?' + words : ''),
    options: {method: method.toUpperCase(), headers, body: file || text},
  };
}

function curl({address, options}) {
  const quote = (text) => "'" + text.replace(/'/g, "'\\''") + "'";
  const parts = ['curl', '-X', options.method, quote(location.origin + address)];
  for (const [name, value] of Object.entries(options.headers)) {
    parts.push('-H', quote(name + ': ' + (name === 'Authorization' ? 'Bearer $TOKEN' : value)).replace("$TOKEN", "'\"$TOKEN\"'"));
  }
  const {body} = options;
  if (body) parts.push('--data-binary', quote(body instanceof File ? '@' + body.name : body));
  return parts.join(' ');
}

function tryIt(element, path, method, operation, streams) {
  const answer = make('div', {class: 'answer', 'aria-live': 'polite'});
  let running = null;
  const stop = make('button', {class: 'quiet hidden', onclick: () => running && running.abort()}, 'Stop');
  const send = make('button', {onclick: async () => {
    running = new AbortController();
    send.disabled = true;
    stop.classList.toggle('hidden', !streams);
    await call(request(element, path, method), answer, running.signal);
    send.disabled = false;
    stop.classList.add('hidden');
  }}, 'Send');
  const show = make('button', {class: 'quiet', onclick: () => {
    answer.replaceChildren(make('pre', {}, curl(request(element, path, method))));
  }}, 'As curl');
  return make('div', {}, make('div', {class: 'actions'}, send, stop, show), answer);
}

async function call({address, options}, answer, signal) {
  const started = performance.now();
  const status = make('p', {class: 'status'}, 'Waiting …');
  const text = make('pre', {});
  answer.replaceChildren(status);
  try {
    const response = await fetch(address, {...options, signal, credentials: 'omit'});
    const took = Math.round(performance.now() - started);
    status.textContent = `${response.status} ${response.statusText} · ${took} ms · ${response.headers.get('x-request-id') || ''}`;
    status.classList.toggle('bad', !response.ok);
    answer.append(text);
    const json = (response.headers.get('content-type') || '').startsWith('application/json');
    const saved = response.headers.get('content-disposition');
    if (json) text.textContent = pretty(await response.text());
    // A file may be anything: it is counted, not shown.
    else if (saved) text.textContent = `${saved}\n${(await response.blob()).size} bytes`;
    else await follow(response, text);
  } catch (error) {
    if (error.name === 'AbortError') status.textContent += ' · stopped';
    else answer.replaceChildren(make('p', {class: 'failure'}, String(error)));
  }
}

/** Shows a stream as it comes, the end of it when it is long. */
async function follow(response, text) {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    text.textContent = (text.textContent + value).slice(-ANSWER_CHARACTERS_MAX);
    text.scrollTop = text.scrollHeight;
  }
}

/** JSON with line breaks. Numbers of 64 bits are strings, so reading it into JavaScript loses nothing. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2).slice(0, ANSWER_CHARACTERS_MAX);
  } catch {
    return text.slice(0, ANSWER_CHARACTERS_MAX);
  }
}

function show() {
  document.title = api.info.title;
  document.getElementById('title').textContent = api.info.title;
  document.getElementById('version').textContent = api.info.version;
  document.getElementById('intro').replaceChildren(prose(api.info.description));
  const sections = new Map((api.tags || []).map((tag) => [tag.name, {tag, operations: []}]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((one) => item[one])) {
      const section = sections.get(item[method].tags[0]);
      if (section) section.operations.push({path, method, operation: item[method]});
    }
  }
  const services = document.getElementById('services');
  const index = document.getElementById('index');
  services.replaceChildren();
  for (const {tag, operations} of sections.values()) {
    services.append(make('section', {class: 'service'}, make('h2', {}, tag.name), prose(tag.description),
      ...operations.map(({path, method, operation}) => operationElement(path, method, operation))));
    index.append(make('li', {class: 'service'}, tag.name));
    for (const {path, method, operation} of operations) {
      const words = [path, method, operation.operationId, operation.summary].join(' ').toLowerCase();
      const link = make('a', {href: '#' + operation.operationId},
        make('span', {class: 'method ' + method}, method.toUpperCase()), ' ' + operation.operationId.split('_').slice(1).join(' '));
      index.append(make('li', {'data-words': words}, link));
    }
  }
}

function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && target.tagName === 'DETAILS') {
    target.open = true;
    target.scrollIntoView();
  }
}

function filter(event) {
  const word = event.target.value.trim().toLowerCase();
  for (const item of document.querySelectorAll('nav [data-words]')) {
    item.classList.toggle('hidden', !item.dataset.words.includes(word));
  }
}

async function start() {
  // The token lives as long as the tab, and goes nowhere but into requests to this host.
  const token = document.getElementById('token');
  token.value = sessionStorage.getItem('token') || '';
  token.addEventListener('input', () => sessionStorage.setItem('token', token.value));
  document.getElementById('filter').addEventListener('input', filter);
  window.addEventListener('hashchange', openTarget);
  try {
    const response = await fetch('/openapi.json');
    if (!response.ok) throw new Error('/openapi.json: ' + response.status);
    api = await response.json();
    show();
    openTarget();
  } catch (error) {
    document.getElementById('services').replaceChildren(make('p', {class: 'failure'}, String(error)));
  }
}

start();
