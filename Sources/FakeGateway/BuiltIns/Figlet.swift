// Banner text in a font of this project's own: five rows, every printable ASCII character.

/// Large letters, as `figlet` makes them.
enum Figlet {
    private static let rows = 5
    /// What follows on the same row of letters when a line is longer goes on below.
    private static let maxColumns = 120

    /// The text as a banner: one block of five rows for each of its lines, more where a line is long. Characters
    /// without a glyph become `?`. At most the first 1,000 characters are drawn.
    static func banner(_ text: String) -> String {
        let lines = text.prefix(1000).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let drawn = lines.last?.isEmpty == true ? lines.dropLast() : lines[...]
        return drawn.flatMap(blocks(of:)).joined(separator: "\n") + "\n"
    }

    private static func blocks(of line: Substring) -> [String] {
        var blocks: [String] = []
        var canvas = Array(repeating: "", count: rows)
        for character in line {
            let glyph = glyphs[character] ?? glyphs["?"] ?? []
            if (canvas.first?.count ?? 0) + (glyph.first?.count ?? 0) > maxColumns {
                blocks.append(finished(canvas))
                canvas = Array(repeating: "", count: rows)
            }
            for (row, pixels) in glyph.enumerated() { canvas[row] += pixels + " " }
        }
        return blocks + [finished(canvas)]
    }

    private static func finished(_ canvas: [String]) -> String {
        canvas.map { row in
            String(row.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    /// Each character's five rows. The sheets below hold sixteen glyphs each, `:` between them.
    private static let glyphs: [Character: [String]] = {
        var glyphs: [Character: [String]] = [:]
        for (characters, sheet) in sheets {
            let strips = sheet.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
            for (column, character) in characters.enumerated() {
                glyphs[character] = strips.map { String($0[column]) }
            }
        }
        return glyphs
    }()

    private static let sheets: [(characters: String, sheet: String)] = [
        (
            " !\"#$%&'()*+,-./",
            """
              :#:# #: # # : ####:#   #: ##  :#: #:# :# # #:     :  :    : :    #
              :#:# #:#####:# #  :   # :#  # :#:# : #: ### :  #  :  :    : :   # 
              :#:   : # # : ### :  #  : ##  : :# : #:#####:#####:  :####: :  #  
              : :   :#####:  # #: #   :#  ##: :# : #: ### :  #  : #:    : : #   
              :#:   : # # :#### :#   #: ## #: : #:# :# # #:     :# :    :#:#    
            """
        ),
        (
            "0123456789:;<=>?",
            """
             ### : # :#### :#### :#   #:#####: ### :#####: ### : ### : :  :  #:    :#  :### 
            #  ##:## :    #:    #:#   #:#    :#    :   # :#   #:#   #:#: #: # :####: # :   #
            # # #: # : ### : ### :#####:#### :#### :  #  : ### : ####: :  :#  :    :  #: ## 
            ##  #: # :#    :    #:    #:    #:#   #: #   :#   #:    #:#: #: # :####: # :    
             ### :###:#####:#### :    #:#### : ### :#    : ### : ### : :# :  #:    :#  : #  
            """
        ),
        (
            "@ABCDEFGHIJKLMNO",
            """
             ### : ### :#### : ####:#### :#####:#####: ####:#   #:###:  ###:#  #:#    :#   #:#   #: ### 
            # # #:#   #:#   #:#    :#   #:#    :#    :#    :#   #: # :    #:# # :#    :## ##:##  #:#   #
            # ###:#####:#### :#    :#   #:###  :###  :#  ##:#####: # :    #:##  :#    :# # #:# # #:#   #
            #    :#   #:#   #:#    :#   #:#    :#    :#   #:#   #: # :#   #:# # :#    :#   #:#  ##:#   #
             ### :#   #:#### : ####:#### :#####:#    : ####:#   #:###: ### :#  #:#####:#   #:#   #: ### 
            """
        ),
        (
            "PQRSTUVWXYZ[\\]^_",
            """
            #### : ### :#### : ####:#####:#   #:#   #:#   #:#   #:#   #:#####:##:#    :##: # :    
            #   #:#   #:#   #:#    :  #  :#   #:#   #:#   #: # # : # # :   # :# : #   : #:# #:    
            #### :# # #:#### : ### :  #  :#   #:#   #:# # #:  #  :  #  :  #  :# :  #  : #:   :    
            #    :#  # :#  # :    #:  #  :#   #: # # :## ##: # # :  #  : #   :# :   # : #:   :    
            #    : ## #:#   #:#### :  #  : ### :  #  :#   #:#   #:  #  :#####:##:    #:##:   :####
            """
        ),
        (
            "`abcdefghijklmno",
            """
            # :    :#   :   :   #:    : ##: ###:#   :#: #:#   :# :     :    :    
             #: ## :#   :   :   #: ## :#  :#  #:#   : :  :#   :# :     :    :    
              :   #:### : ##: ###:####:## : ###:### :#: #:# # :# :#### :### : ## 
              : ###:#  #:#  :#  #:#   :#  :   #:#  #:#: #:##  :# :# # #:#  #:#  #
              :####:### : ##: ###: ###:#  : ## :#  #:#:# :# ##: #:# # #:#  #: ## 
            """
        ),
        (
            "pqrstuvwxyz{|}~",
            """
                :    :   :    : # :    :   :     :   :    :    : ##:#:## :     
            ### : ###:   : ###:###:    :   :     :   :#  #:####: # :#: # : #   
            #  #:#  #:# #: #  : # :#  #:# #:# # #:# #: ###:  # :#  :#:  #:# # #
            ### : ###:## :  # : # :#  #:# #:# # #: # :   #: #  : # :#: # :   # 
            #   :   #:#  :### : ##: ###: # : # # :# #: ## :####: ##:#:## :     
            """
        ),
    ]
}
