// What jest-environment-jsdom is, with the jsdom that is here already.
const { default: Environment } = require('@jest/environment-jsdom-abstract')
const jsdom = require('jsdom')

module.exports = class extends Environment {
  constructor(config, context) {
    super(config, context, jsdom)
  }
}
