#include "data/digit_glyphs.h"

#include <array>

namespace wta {
namespace {

using P = GlyphPoint;
using S = GlyphStroke;

// 0: closed; started at the top right, ends crossed; narrow with an open top.
constexpr P kZeroRound[] = {{52, 2},  {26, 10}, {8, 36},  {8, 66}, {28, 94}, {56, 98},
                            {84, 82}, {94, 52}, {86, 20}, {66, 4}, {46, 4}};
constexpr P kZeroCrossed[] = {{76, 12}, {48, 3},  {20, 18}, {8, 52}, {22, 88}, {52, 98},
                              {82, 82}, {92, 48}, {78, 14}, {52, 8}, {34, 18}};
constexpr P kZeroOpen[] = {{40, 4},  {20, 24}, {14, 58}, {28, 92}, {54, 98},
                           {78, 80}, {84, 44}, {72, 12}, {54, 2}};
constexpr S kZero1[] = {kZeroRound}, kZero2[] = {kZeroCrossed}, kZero3[] = {kZeroOpen};
constexpr Glyph kZero[] = {{kZero1, 4}, {kZero2, 3}, {kZero3, 2}};

// 1: a bar; with a flag; with a flag and a base; a bent bar.
constexpr P kOneBar[] = {{50, 0}, {50, 50}, {50, 100}};
constexpr P kOneFlag[] = {{24, 24}, {54, 1}, {54, 1}, {52, 50}, {52, 100}};
constexpr P kOneBase[] = {{22, 100}, {50, 99}, {82, 100}};
constexpr P kOneBent[] = {{42, 8}, {54, 0}, {54, 30}, {50, 70}, {48, 100}};
constexpr S kOne1[] = {kOneBar}, kOne2[] = {kOneFlag}, kOne3[] = {kOneFlag, kOneBase}, kOne4[] = {kOneBent};
constexpr Glyph kOne[] = {{kOne1, 4}, {kOne2, 3}, {kOne3, 2}, {kOne4, 1}};

// 2: round with a flat base; with a loop in the lower left corner; with a waved base.
constexpr P kTwoFlat[] = {{12, 24}, {30, 4},  {60, 2},  {84, 22}, {72, 50},
                          {40, 76}, {10, 97}, {10, 97}, {50, 97}, {94, 96}};
constexpr P kTwoLoop[] = {{14, 20}, {38, 2},  {72, 6},  {84, 30}, {64, 62}, {34, 90},
                          {10, 94}, {10, 78}, {34, 76}, {62, 94}, {94, 90}};
constexpr P kTwoWave[] = {{10, 30}, {24, 6},  {58, 2},  {78, 22}, {66, 52}, {36, 80},
                          {14, 98}, {14, 98}, {42, 88}, {66, 98}, {92, 88}};
constexpr S kTwo1[] = {kTwoFlat}, kTwo2[] = {kTwoLoop}, kTwo3[] = {kTwoWave};
constexpr Glyph kTwo[] = {{kTwo1, 4}, {kTwo2, 3}, {kTwo3, 2}};

// 3: two bows; a flat top; a small loop in the waist.
constexpr P kThreeBows[] = {{14, 14}, {44, 1},  {78, 12}, {74, 36}, {40, 47},
                            {40, 47}, {80, 58}, {86, 82}, {52, 99}, {10, 88}};
constexpr P kThreeFlat[] = {{14, 3},  {50, 3},  {84, 3},  {84, 3},  {44, 40},
                            {44, 40}, {78, 50}, {86, 76}, {58, 99}, {10, 92}};
constexpr P kThreeLoop[] = {{16, 12}, {46, 1},  {76, 14}, {66, 38}, {38, 50}, {34, 42},
                            {48, 42}, {80, 58}, {84, 82}, {50, 99}, {10, 86}};
constexpr S kThree1[] = {kThreeBows}, kThree2[] = {kThreeFlat}, kThree3[] = {kThreeLoop};
constexpr Glyph kThree[] = {{kThree1, 5}, {kThree2, 2}, {kThree3, 2}};

// 4: open with straight arms; closed in one stroke; open with a round cup.
constexpr P kFourArm[] = {{22, 2}, {16, 30}, {10, 58}, {10, 58}, {50, 58}, {94, 56}};
constexpr P kFourStem[] = {{72, 16}, {70, 56}, {66, 100}};
constexpr P kFourClosed[] = {{70, 100}, {70, 50}, {70, 2},  {70, 2}, {36, 36},
                             {6, 68},   {6, 68},  {50, 67}, {96, 66}};
constexpr P kFourCup[] = {{16, 4}, {12, 36}, {30, 54}, {58, 52}, {84, 42}};
constexpr P kFourLongStem[] = {{86, 2}, {82, 46}, {76, 100}};
constexpr S kFour1[] = {kFourArm, kFourStem}, kFour2[] = {kFourClosed}, kFour3[] = {kFourCup, kFourLongStem};
constexpr Glyph kFour[] = {{kFour1, 4}, {kFour2, 3}, {kFour3, 3}};

// 5: in one stroke; the top bar drawn last; round like an S.
constexpr P kFive[] = {{88, 3},  {56, 3},  {28, 4},  {28, 4},  {20, 42}, {20, 42},
                       {54, 36}, {86, 58}, {80, 88}, {46, 99}, {8, 90}};
constexpr P kFiveBody[] = {{26, 8},  {22, 26}, {18, 46}, {18, 46}, {50, 40},
                           {82, 60}, {78, 88}, {44, 99}, {8, 88}};
constexpr P kFiveBar[] = {{26, 8}, {58, 5}, {92, 2}};
constexpr P kFiveRound[] = {{84, 6},  {52, 4},  {26, 18}, {28, 40}, {60, 50},
                            {82, 72}, {64, 96}, {34, 99}, {8, 86}};
constexpr S kFive1[] = {kFive}, kFive2[] = {kFiveBody, kFiveBar}, kFive3[] = {kFiveRound};
constexpr Glyph kFiveGlyphs[] = {{kFive1, 4}, {kFive2, 4}, {kFive3, 2}};

// 6: a wide bow into the loop; a straight back; a small loop.
constexpr P kSixBow[] = {{76, 4},  {44, 14}, {18, 44}, {12, 76}, {34, 98},
                         {68, 96}, {86, 76}, {70, 56}, {40, 58}, {16, 78}};
constexpr P kSixStraight[] = {{58, 0},  {34, 30}, {16, 64}, {22, 92}, {52, 100},
                              {82, 86}, {82, 64}, {54, 54}, {26, 68}, {20, 82}};
constexpr P kSixSmall[] = {{66, 2},  {36, 24}, {20, 58}, {24, 90}, {50, 99},
                           {72, 86}, {66, 68}, {44, 66}, {24, 82}};
constexpr S kSix1[] = {kSixBow}, kSix2[] = {kSixStraight}, kSix3[] = {kSixSmall};
constexpr Glyph kSix[] = {{kSix1, 4}, {kSix2, 3}, {kSix3, 2}};

// 7: plain; with a bar; with a hook at the start and a bent leg.
constexpr P kSevenPlain[] = {{8, 5}, {50, 4}, {90, 3}, {90, 3}, {66, 50}, {42, 100}};
constexpr P kSevenBar[] = {{34, 52}, {58, 50}, {86, 46}};
constexpr P kSevenHook[] = {{10, 22}, {14, 6},  {14, 6},  {54, 8},  {92, 3},
                            {92, 3},  {62, 40}, {50, 70}, {46, 100}};
constexpr S kSeven1[] = {kSevenPlain}, kSeven2[] = {kSevenPlain, kSevenBar}, kSeven3[] = {kSevenHook},
            kSeven4[] = {kSevenHook, kSevenBar};
constexpr Glyph kSeven[] = {{kSeven1, 4}, {kSeven2, 2}, {kSeven3, 2}, {kSeven4, 1}};

// 8: one crossing stroke, closed or open at the top; two rings.
constexpr P kEightClosed[] = {{80, 16}, {50, 1},  {20, 16}, {32, 40}, {68, 58}, {86, 80},
                              {50, 99}, {14, 82}, {30, 58}, {66, 40}, {82, 18}, {66, 5}};
constexpr P kEightOpen[] = {{84, 8},  {52, 3},  {22, 16}, {32, 38}, {66, 58}, {82, 80},
                            {52, 99}, {18, 84}, {32, 60}, {62, 40}, {88, 12}};
constexpr P kEightTop[] = {{50, 48}, {24, 36}, {26, 12}, {52, 2}, {76, 14}, {74, 36}, {50, 48}};
constexpr P kEightBottom[] = {{50, 48}, {20, 60}, {16, 84}, {48, 99}, {82, 86}, {80, 60}, {50, 48}};
constexpr S kEight1[] = {kEightClosed}, kEight2[] = {kEightOpen}, kEight3[] = {kEightTop, kEightBottom};
constexpr Glyph kEight[] = {{kEight1, 4}, {kEight2, 2}, {kEight3, 3}};

// 9: a straight stem; a bent stem; a hook to the left.
constexpr P kNineStraight[] = {{80, 14}, {50, 2},  {18, 18}, {16, 42}, {44, 54},
                               {74, 40}, {82, 14}, {82, 14}, {80, 56}, {76, 100}};
constexpr P kNineBent[] = {{82, 20}, {56, 2},  {22, 14}, {16, 40}, {44, 54},
                           {76, 40}, {84, 14}, {84, 46}, {64, 80}, {42, 100}};
constexpr P kNineHook[] = {{80, 20}, {54, 2},  {20, 14}, {16, 38}, {44, 52}, {76, 38},
                           {84, 12}, {86, 50}, {78, 86}, {46, 99}, {14, 88}};
constexpr S kNine1[] = {kNineStraight}, kNine2[] = {kNineBent}, kNine3[] = {kNineHook};
constexpr Glyph kNine[] = {{kNine1, 4}, {kNine2, 3}, {kNine3, 2}};

constexpr std::array<std::span<const Glyph>, 10> kGlyphs = {kZero,       kOne, kTwo,   kThree, kFour,
                                                            kFiveGlyphs, kSix, kSeven, kEight, kNine};

}  // namespace

std::span<const Glyph> glyphs_of(int digit) {
  return kGlyphs[static_cast<std::size_t>(digit)];
}

}  // namespace wta
