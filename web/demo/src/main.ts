import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { createKurrentLite } from '@/features/kurrentDB'
import { kurrentLiteOptions } from '@/shared/config/kurrentDB'
import App from './App.vue'
import 'kurrentlite/style.css'
import './styles/page.css'
import './styles/base.css'

createApp(App).use(createPinia()).use(createKurrentLite(kurrentLiteOptions())).mount('#app')
