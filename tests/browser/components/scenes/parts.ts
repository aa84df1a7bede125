import {
  KurrentDBBadge,
  KurrentDBConfirm,
  KurrentDBField,
  KurrentDBJsonEditor,
  KurrentDBJsonView,
  KurrentDBNotice,
  KurrentDBPager,
  KurrentDBStatus,
  KurrentDBTagInput,
  KurrentDBTime,
} from 'kurrentlite/vue'
import { defineComponent, h, ref } from 'vue'
import type { Scene } from '../page/main'

const value = { id: 1042, customer: 'Amara', paid: true, parcel: null, items: [{ sku: 'LAMP-2', price: 12.5 }] }
const statuses = ['active', 'archived', 'deleted'] as const
const tones = ['info', 'good', 'warn', 'bad'] as const

const component = defineComponent(() => {
  const tags = ref(['order', 'shipped'])
  const json = ref('{\n  "open": \n}')
  const page = ref(0)
  const asking = ref(false)
  return () =>
    h('div', { class: 'kurrentdb kurrentdb-stack kurrentdb-card' }, [
      h(KurrentDBStatus),
      h('div', { class: 'kurrentdb-row' }, [
        ...statuses.map((status) => h(KurrentDBBadge, { status })),
        h(KurrentDBTime, { date: new Date(Date.now() - 300_000) }),
        h('span', { class: 'kurrentdb-chip' }, 'order'),
        h('button', { type: 'button', class: 'kurrentdb-chip', 'aria-pressed': 'true' }, 'chosen'),
        h('button', { type: 'button', class: 'kurrentdb-chip', 'aria-pressed': 'false' }, 'other'),
      ]),
      h('div', { class: 'kurrentdb-row' }, [
        h('button', { type: 'button', class: 'kurrentdb-button kurrentdb-button--primary' }, 'Save'),
        h('button', { type: 'button', class: 'kurrentdb-button' }, 'Cancel'),
        h('button', { type: 'button', class: 'kurrentdb-button kurrentdb-button--quiet' }, 'Quiet'),
        h(
          'button',
          { type: 'button', class: 'kurrentdb-button kurrentdb-button--danger', onClick: () => (asking.value = true) },
          'Delete',
        ),
      ]),
      ...tones.map((tone) => h(KurrentDBNotice, { tone }, () => `A notice: ${tone}.`)),
      h(KurrentDBField, { label: 'Name', problems: ['Name must not be empty.'], hint: 'Shown in lists.' }, {
        default: (control: object) => h('input', { ...control, class: 'kurrentdb-input' }),
      }),
      h(KurrentDBField, { label: 'Status' }, {
        default: (control: object) =>
          h('select', { ...control, class: 'kurrentdb-input' }, statuses.map((status) => h('option', status))),
      }),
      h(KurrentDBTagInput, { label: 'Tags', modelValue: tags.value, 'onUpdate:modelValue': (now: string[]) => (tags.value = now) }),
      h(KurrentDBJsonEditor, { label: 'Data', rows: 4, modelValue: json.value, 'onUpdate:modelValue': (now: string) => (json.value = now) }),
      h(KurrentDBJsonView, { label: 'A value', value }),
      h(KurrentDBPager, { label: 'Pages', pages: 3, modelValue: page.value, 'onUpdate:modelValue': (now: number) => (page.value = now) }),
      asking.value &&
        h(
          KurrentDBConfirm,
          { heading: 'Delete it?', action: 'Delete', onClose: () => (asking.value = false), onConfirm: () => (asking.value = false) },
          () => 'It cannot be taken back.',
        ),
    ])
})

export default { component } satisfies Scene
