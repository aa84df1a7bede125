// Runs before each test, when the suite has been loaded: all that Jest can replace.
beforeEach(() => jest.useFakeTimers())
afterEach(() => jest.useRealTimers())
