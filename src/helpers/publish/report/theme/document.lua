-- Captions, alternative texts and wide tables, which pandoc leaves to the reader of its output.
local words = {}

local function openxml(text) return pandoc.RawInline("openxml", text) end
local function typst(text) return pandoc.RawInline("typst", text) end

-- A number that Word counts itself, so that a figure put in later moves the others on.
local function numbered(kind, inlines, identifier)
  local label = words[kind]
  local field = '<w:r><w:t xml:space="preserve">' .. label .. "</w:t></w:r>"
    .. '<w:fldSimple w:instr=" SEQ ' .. kind .. ' \\* ARABIC "><w:r><w:t>' .. words.count[kind]
    .. '</w:t></w:r></w:fldSimple><w:r><w:t xml:space="preserve">' .. words.separator .. "</w:t></w:r>"
  local line = pandoc.Inlines({ pandoc.Span({ openxml(field) }, pandoc.Attr(identifier)) })
  line:extend(inlines)
  return line
end

local function styled(style, blocks)
  return pandoc.Div(blocks, pandoc.Attr("", {}, { ["custom-style"] = style }))
end

local function quoted(text) return '"' .. text:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"' end

local function caption(element)
  return pandoc.utils.blocks_to_inlines(element.caption.long)
end

function Meta(meta)
  local text = pandoc.utils.stringify
  words = {
    Figure = text(meta["figure-label"]), Table = text(meta["table-label"]),
    separator = text(meta["caption-separator"]), count = { Figure = 0, Table = 0 },
  }
end

function Image(image)
  if FORMAT ~= "typst" then return nil end
  local alt = pandoc.utils.stringify(image.caption)
  local width = image.attributes.width or "100%"
  return typst("#image(" .. quoted(image.src) .. ", alt: " .. quoted(alt) .. ", width: " .. width .. ")")
end

function Figure(figure)
  if FORMAT ~= "docx" then return nil end
  words.count.Figure = words.count.Figure + 1
  local line = numbered("Figure", caption(figure), figure.identifier)
  return {
    styled("Captioned Figure", figure.content),
    styled("Image Caption", { pandoc.Para(line) }),
  }
end

function Table(grid)
  if FORMAT ~= "docx" or #grid.caption.long == 0 then return nil end
  words.count.Table = words.count.Table + 1
  local line = numbered("Table", caption(grid), grid.identifier)
  grid.caption = { long = {} }
  grid.identifier = ""
  return { styled("Table Caption", { pandoc.Para(line) }), grid }
end

-- Page sizes in twentieths of a point: A4, upright and lying.
local function section(width, height, turned)
  return pandoc.RawBlock("openxml",
    '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/><w:sectPr><w:pgSz w:w="'
    .. width .. '" w:h="' .. height .. '"' .. (turned and ' w:orient="landscape"' or "")
    .. '/><w:pgMar w:top="1361" w:right="1247" w:bottom="1361" w:left="1247" w:header="709" w:footer="709"'
    .. ' w:gutter="0"/></w:sectPr></w:pPr></w:p>')
end

function Div(div)
  if div.classes:includes("landscape") then
    if FORMAT == "docx" then
      local blocks = pandoc.Blocks({ section(11906, 16838, false) })
      blocks:extend(div.content)
      blocks:insert(section(16838, 11906, true))
      return blocks
    end
    local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#page(flipped: true)[") })
    blocks:extend(div.content)
    blocks:insert(pandoc.RawBlock("typst", "]"))
    return blocks
  end
  local style = div.attributes["custom-style"]
  if FORMAT == "typst" and (style == "Source Note" or style == "Claim") then
    local name = style == "Claim" and "claim" or "note"
    local blocks = pandoc.Blocks({ pandoc.RawBlock("typst", "#" .. name .. "[") })
    blocks:extend(div.content)
    local label = div.identifier ~= "" and " <" .. div.identifier .. ">" or ""
    blocks:insert(pandoc.RawBlock("typst", "]" .. label))
    return blocks
  end
  return nil
end

return { { Meta = Meta }, { Image = Image, Figure = Figure, Table = Table, Div = Div } }
