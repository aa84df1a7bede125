import { useUserStreamService } from '@/features/kurrentDB'
const userStreamService = useUserStreamService()
await userStreamService.storeUserData('user-id', { profile: { name: 'John' }, preferences: { theme: 'dark' } })
const userData = await userStreamService.getUserData('user-id')
