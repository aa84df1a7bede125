// Runs before the suite is loaded: all that Vitest can replace but `nextTick`, without which Node's own streams stand still.
const toFake = [
  'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'Date', 'performance',
  'queueMicrotask', 'hrtime',
]
vi.useFakeTimers({ toFake })
