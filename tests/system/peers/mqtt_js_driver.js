// Drives MQTT.js: commands as JSON lines on standard input, events as JSON lines on standard output (see drivers.py).
// The directory in which npm installed the library is the first argument.
'use strict'
const path = require('path')
const readline = require('readline')
const mqtt = require(path.join(process.argv[2], 'node_modules', 'mqtt'))

const say = (event, fields) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n')
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())
const snake = (name) => name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase())

let client = null
let closing = false

// The library keeps user properties as an object: of one key the values are in order, the keys among each other are not.
function encoded (given) {
  if (!given) return undefined
  const properties = {}
  for (const [name, value] of Object.entries(given)) {
    if (name === 'user_property') {
      properties.userProperties = {}
      for (const [key, text] of value) (properties.userProperties[key] ||= []).push(text)
    } else if (name === 'correlation_data') {
      properties.correlationData = Buffer.from(value)
    } else if (name === 'payload_format_indicator') {
      properties.payloadFormatIndicator = Boolean(value)
    } else {
      properties[camel(name)] = value
    }
  }
  return properties
}

function decoded (given) {
  const properties = {}
  for (const [name, value] of Object.entries(given || {})) {
    if (name === 'userProperties') {
      properties.user_property = Object.entries(value).flatMap(([key, texts]) => [].concat(texts).map((text) => [key, text]))
    } else if (name === 'subscriptionIdentifier') {
      properties.subscription_identifier = [].concat(value)
    } else if (name === 'payloadFormatIndicator') {
      properties.payload_format_indicator = Number(value)
    } else {
      properties[snake(name)] = Buffer.isBuffer(value) ? value.toString() : value
    }
  }
  return properties
}

const verbs = {
  connect ({ id, port, version, client_id, clean, will, properties, keep_alive }) {
    let answered = false
    let reason = null
    closing = false
    const opened = client = mqtt.connect({
      host: '127.0.0.1', port, clientId: client_id, clean, keepalive: keep_alive === undefined ? 60 : keep_alive, reconnectPeriod: 0,
      protocolVersion: version, protocolId: version === 3 ? 'MQIsdp' : 'MQTT', properties: encoded(properties),
      will: will && { ...will, payload: Buffer.from(will.payload), properties: encoded(will.properties) }
    })
    opened.on('connect', (packet) => {
      answered = true
      say('done', { id, code: packet.reasonCode || packet.returnCode || 0, session_present: packet.sessionPresent, properties: decoded(packet.properties) })
    })
    opened.on('message', (topic, payload, { qos, retain, properties }) => {
      say('message', { topic, payload: payload.toString(), qos, retain, properties: decoded(properties) })
    })
    opened.on('disconnect', (packet) => { reason = packet.reasonCode })
    opened.on('error', (error) => {
      if (!answered) say('error', { id, reason: String(error), code: error.code })
      answered = true
    })
    opened.on('close', () => {
      if (opened === client && answered && !closing) say('closed', { reason })
    })
  },

  subscribe ({ id, filters, properties }) {
    const wanted = { resubscribe: true } // or the library would leave out what it has subscribed to before
    for (const one of filters) {
      wanted[one.filter] = { qos: one.qos, nl: one.no_local, rap: one.retain_as_published, rh: one.retain_handling }
    }
    client.subscribe(wanted, { properties: encoded(properties) }, (error, _granted, packet) => {
      if (packet) say('done', { id, codes: packet.granted })
      else say('error', { id, reason: String(error) })
    })
  },

  unsubscribe ({ id, filters }) {
    client.unsubscribe(filters, (error) => error ? say('error', { id, reason: String(error) }) : say('done', { id }))
  },

  publish ({ id, topic, payload, qos, retain, properties }) {
    client.publish(topic, payload, { qos, retain, properties: encoded(properties) }, (error) => {
      if (error) say('error', { id, reason: String(error), code: error.code })
      else say('done', { id })
    })
  },

  disconnect ({ id, reason, properties }) {
    closing = true
    client.end(false, { reasonCode: reason || 0, properties: encoded(properties) }, () => say('done', { id }))
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line)
  try {
    verbs[command.do](command)
  } catch (error) {
    say('error', { id: command.id, reason: String(error) })
  }
}).on('close', () => process.exit(0))
