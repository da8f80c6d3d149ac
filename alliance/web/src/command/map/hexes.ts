/** The district's cells as one WebGL layer of the map: corners once, a byte of shade per cell whenever it changes. */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from 'maplibre-gl'

/** Corners in world units (0–1 Mercator) from an origin, so that 32 bits are enough at any zoom; cell after cell, `sides` each. */
export interface Corners {
  origin: [x: number, y: number]
  sides: number
  xy: Float32Array<ArrayBuffer>
}

export interface Hexes {
  readonly layer: CustomLayerInterface
  corners(corners: Corners): void
  shade(shades: Uint8Array): void
  /** One colour per shade. */
  palette(colours: readonly string[]): void
}

/** Cells per row of the texture of shades. */
const ROW = 256
const OPACITY = 0.92

const VERTEX = `#version 300 es
precision highp float;
precision highp usampler2D;
uniform mat4 matrix;
uniform usampler2D shades;
uniform sampler2D colours;
uniform int sides;
in vec2 corner;
flat out vec4 colour;
void main() {
  int cell = gl_VertexID / sides;
  int shade = int(texelFetch(shades, ivec2(cell % ${ROW}, cell / ${ROW}), 0).r);
  colour = vec4(texelFetch(colours, ivec2(shade, 0), 0).rgb, 1.0) * ${OPACITY};
  gl_Position = matrix * vec4(corner, 0.0, 1.0);
}`

const FRAGMENT = `#version 300 es
precision mediump float;
flat in vec4 colour;
out vec4 seen;
void main() { seen = colour; }`

/** `onDrawn` is called once, when the cells were first drawn in their shades. */
export function makeHexes(onDrawn: () => void): Hexes {
  const wanted: { corners?: Corners; shades?: Uint8Array; colours?: Uint8Array } = {}
  const fresh = new Set<keyof typeof wanted>()
  let map: MapLibre | null = null
  let gl: Drawing | null = null
  let drawn = false
  const want = <K extends keyof typeof wanted>(what: K, value: (typeof wanted)[K]): void => {
    wanted[what] = value
    fresh.add(what)
    map?.triggerRepaint()
  }
  const upload = (to: Drawing): void => {
    for (const what of fresh) {
      if (what === 'corners' && wanted.corners) to.corners(wanted.corners)
      if (what === 'shades' && wanted.shades) to.bytes(to.shades, wanted.shades)
      if (what === 'colours' && wanted.colours) to.pixels(wanted.colours)
    }
    fresh.clear()
  }
  return {
    layer: {
      id: 'cells', type: 'custom', renderingMode: '2d',
      onAdd: (owner, context) => {
        map = owner
        gl = drawing(context)
        for (const what of Object.keys(wanted)) fresh.add(what as keyof typeof wanted)
      },
      onRemove: () => {
        gl?.free()
        gl = null
      },
      render: (_context, { defaultProjectionData }: CustomRenderMethodInput) => {
        if (gl === null) return
        upload(gl)
        if (!wanted.corners || !wanted.shades || !wanted.colours) return
        gl.draw(about(defaultProjectionData.mainMatrix, wanted.corners.origin))
        if (!drawn) {
          drawn = true
          map?.once('render', onDrawn)
        }
      },
    },
    corners: (corners) => want('corners', corners),
    shade: (shades) => {
      const given = rows(shades)
      if (!given.every((shade, cell) => shade === wanted.shades?.[cell])) want('shades', given)
    },
    palette: (colours) => want('colours', bytesOf(colours)),
  }
}

/** The matrix for coordinates that count from the origin; multiplied here, in 64 bits. */
export function about(matrix: ArrayLike<number>, [x, y]: readonly [number, number]): Float32Array {
  const moved = Float32Array.from(matrix)
  for (let row = 0; row < 4; row++) {
    moved[12 + row] = (matrix[row] ?? 0) * x + (matrix[4 + row] ?? 0) * y + (matrix[12 + row] ?? 0)
  }
  return moved
}

/** The corners of fans: triangles of neighbouring cells' first corners, numbered through. */
export function fans(cells: number, sides: number): Uint32Array<ArrayBuffer> {
  const indexes = new Uint32Array(cells * (sides - 2) * 3)
  let at = 0
  for (let cell = 0; cell < cells; cell++) {
    const first = cell * sides
    for (let side = 1; side < sides - 1; side++) {
      indexes[at++] = first
      indexes[at++] = first + side
      indexes[at++] = first + side + 1
    }
  }
  return indexes
}

function rows(shades: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(shades.length / ROW) * ROW)
  padded.set(shades)
  return padded
}

/** Colours of any CSS form as red, green, blue, opaque. */
function bytesOf(colours: readonly string[]): Uint8Array {
  const canvas = new OffscreenCanvas(colours.length, 1)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  colours.forEach((colour, i) => {
    if (context === null) return
    context.fillStyle = colour
    context.fillRect(i, 0, 1, 1)
  })
  return Uint8Array.from(context?.getImageData(0, 0, colours.length, 1).data ?? [])
}

type Drawing = ReturnType<typeof drawing>

function drawing(gl: WebGL2RenderingContext) {
  const program = linked(gl)
  const place = (name: string) => gl.getUniformLocation(program, name)
  const places = { matrix: place('matrix'), shades: place('shades'), colours: place('colours'), sides: place('sides') }
  const array = gl.createVertexArray()
  const buffers = [gl.createBuffer(), gl.createBuffer()] as const
  const shades = gl.createTexture()
  const colours = gl.createTexture()
  let sides = 6
  let count = 0
  const texture = (held: WebGLTexture): void => {
    gl.activeTexture(gl.TEXTURE0)
    gl.bindTexture(gl.TEXTURE_2D, held)
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false)
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
  }
  return {
    shades,
    corners: (given: Corners): void => {
      const indexes = fans(given.xy.length / 2 / given.sides, given.sides)
      gl.bindVertexArray(array)
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers[0])
      gl.bufferData(gl.ARRAY_BUFFER, given.xy, gl.STATIC_DRAW)
      gl.enableVertexAttribArray(0)
      gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0)
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffers[1])
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indexes, gl.STATIC_DRAW)
      gl.bindVertexArray(null)
      sides = given.sides
      count = indexes.length
    },
    bytes: (held: WebGLTexture, bytes: Uint8Array): void => {
      texture(held)
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8UI, ROW, bytes.length / ROW, 0, gl.RED_INTEGER, gl.UNSIGNED_BYTE, bytes)
    },
    pixels: (bytes: Uint8Array): void => {
      texture(colours)
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, bytes.length / 4, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes)
    },
    draw: (matrix: Float32Array): void => {
      gl.useProgram(program)
      gl.uniformMatrix4fv(places.matrix, false, matrix)
      gl.uniform1i(places.sides, sides)
      gl.uniform1i(places.shades, 0)
      gl.uniform1i(places.colours, 1)
      gl.activeTexture(gl.TEXTURE0)
      gl.bindTexture(gl.TEXTURE_2D, shades)
      gl.activeTexture(gl.TEXTURE1)
      gl.bindTexture(gl.TEXTURE_2D, colours)
      gl.bindVertexArray(array)
      gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_INT, 0)
      gl.bindVertexArray(null)
    },
    free: (): void => {
      gl.deleteProgram(program)
      gl.deleteVertexArray(array)
      for (const buffer of buffers) gl.deleteBuffer(buffer)
      for (const held of [shades, colours]) gl.deleteTexture(held)
    },
  }
}

function linked(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram()
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind)
    if (shader === null) throw new Error('the graphics context was lost')
    gl.shaderSource(shader, text)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
  }
  gl.bindAttribLocation(program, 0, 'corner')
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? 'not linked')
  return program
}
