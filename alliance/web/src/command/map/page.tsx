/** The map page: the list that leads, the map, and what is chosen or happening beside it. */
import { useState } from 'preact/hooks'
import { Failed } from '../../ui/parts.tsx'
import { common } from '../../words.ts'
import { ground, groundProblem, startDesk } from '../desk.ts'
import { ReplayBar } from '../replay/bar.tsx'
import { opened } from '../replay/replay.ts'
import { Happening } from './happening.tsx'
import { Legend } from './legend.tsx'
import { choice } from './lead.ts'
import { prepareOutlines } from './outlines.ts'
import { Panel } from './panel.tsx'
import type { Layer } from './shades.ts'
import { Side } from './side.tsx'
import { Stage } from './stage.tsx'
import { t } from '../texts.ts'

prepareOutlines()

export default function MapPage() {
  const [layer, setLayer] = useState<Layer>('coverage')
  const held = ground.value
  if (groundProblem.value !== null) return <Failed text={groundProblem.value} retry={() => void startDesk()} />
  if (held === null) return <p class="empty" role="status">{common('loading')}</p>
  return (
    <div class="map-page">
      <h1 class="unseen">{t('map')}</h1>
      <Side ground={held} />
      <div class="stage">
        <Stage ground={held} layer={layer} onLayer={setLayer} />
        <Legend ground={held} layer={layer} />
        {opened.value && <ReplayBar ground={held} />}
      </div>
      {choice.value === null ? <Happening ground={held} /> : <Panel ground={held} choice={choice.value} />}
    </div>
  )
}
