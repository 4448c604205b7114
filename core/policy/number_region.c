/* SPDX-License-Identifier: Apache-2.0 */
/* Where a number was given out: provinces, the counties of Tibet of all times, and countries. */
#include "policy/number_parts.h"

/* GB/T 2260, first two digits; 81 to 83 as in the residence permits of 2018. */
bool number_province(const char *at)
{
    static const char provinces[] =
        "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
        "50 51 52 53 54 61 62 63 64 65 71 81 82 83 ";
    size_t i;

    for (i = 0; i < sizeof provinces - 1; i += 3)
        if (memcmp(provinces + i, at, 2) == 0)
            return true;
    return false;
}

/* Every code a place in Tibet ever had, first and last of each run. A number keeps the code of the
 * day it was given, so codes that ended long ago are as good as today's. Facts of GB/T 2260 as
 * listed by the Ministry of Civil Affairs from 1980 to 2019 (github.com/cn/GB2260) and of
 * python-stdnum's cn/loc.dat, which has the cities of 2023. */
static const uint16_t tibet[][2] = {
    { 0, 0 },       { 100, 104 },   { 120, 131 },   { 200, 202 },   { 221, 237 },   { 300, 302 },
    { 321, 330 },   { 400, 402 },   { 421, 426 },   { 481, 481 },   { 500, 502 },   { 521, 531 },
    { 581, 581 },   { 600, 602 },   { 621, 630 },   { 2100, 2100 }, { 2121, 2137 }, { 2200, 2200 },
    { 2221, 2233 }, { 2300, 2301 }, { 2321, 2339 }, { 2400, 2400 }, { 2421, 2431 }, { 2500, 2500 },
    { 2521, 2528 }, { 2600, 2600 }, { 2621, 2627 }, { 2700, 2700 }, { 2721, 2727 },
};

bool number_county_odd(const char *at)
{
    int code;
    size_t i;

    if (at[0] != '5' || at[1] != '4')
        return false;
    code = (at[2] - '0') * 1000 + (at[3] - '0') * 100 + (at[4] - '0') * 10 + (at[5] - '0');
    for (i = 0; i < sizeof tibet / sizeof *tibet; i++)
        if (code >= tibet[i][0] && code <= tibet[i][1])
            return false;
    return true;
}

/* ISO 3166-1: numeric code and alpha-3 of each country, one after the other. */
static const char countries[] =
    "004AFG008ALB010ATA012DZA016ASM020AND024AGO028ATG031AZE032ARG036AUS040AUT044BHS048BHR"
    "050BGD051ARM052BRB056BEL060BMU064BTN068BOL070BIH072BWA074BVT076BRA084BLZ086IOT090SLB"
    "092VGB096BRN100BGR104MMR108BDI112BLR116KHM120CMR124CAN132CPV136CYM140CAF144LKA148TCD"
    "152CHL156CHN158TWN162CXR166CCK170COL174COM175MYT178COG180COD184COK188CRI191HRV192CUB"
    "196CYP203CZE204BEN208DNK212DMA214DOM218ECU222SLV226GNQ231ETH232ERI233EST234FRO238FLK"
    "239SGS242FJI246FIN248ALA250FRA254GUF258PYF260ATF262DJI266GAB268GEO270GMB275PSE276DEU"
    "288GHA292GIB296KIR300GRC304GRL308GRD312GLP316GUM320GTM324GIN328GUY332HTI334HMD336VAT"
    "340HND344HKG348HUN352ISL356IND360IDN364IRN368IRQ372IRL376ISR380ITA384CIV388JAM392JPN"
    "398KAZ400JOR404KEN408PRK410KOR414KWT417KGZ418LAO422LBN426LSO428LVA430LBR434LBY438LIE"
    "440LTU442LUX446MAC450MDG454MWI458MYS462MDV466MLI470MLT474MTQ478MRT480MUS484MEX492MCO"
    "496MNG498MDA499MNE500MSR504MAR508MOZ512OMN516NAM520NRU524NPL528NLD531CUW533ABW534SXM"
    "535BES540NCL548VUT554NZL558NIC562NER566NGA570NIU574NFK578NOR580MNP581UMI583FSM584MHL"
    "585PLW586PAK591PAN598PNG600PRY604PER608PHL612PCN616POL620PRT624GNB626TLS630PRI634QAT"
    "638REU642ROU643RUS646RWA652BLM654SHN659KNA660AIA662LCA663MAF666SPM670VCT674SMR678STP"
    "682SAU686SEN688SRB690SYC694SLE702SGP703SVK704VNM705SVN706SOM710ZAF716ZWE724ESP728SSD"
    "729SDN732ESH740SUR744SJM748SWZ752SWE756CHE760SYR762TJK764THA768TGO772TKL776TON780TTO"
    "784ARE788TUN792TUR795TKM796TCA798TUV800UGA804UKR807MKD818EGY826GBR831GGY832JEY833IMN"
    "834TZA840USA850VIR854BFA858URY860UZB862VEN876WLF882WSM887YEM894ZMB";

const char *number_country(const char *at)
{
    size_t i;

    for (i = 0; i + 6 < sizeof countries; i += 6)
        if (memcmp(countries + i, at, 3) == 0)
            return countries + i + 3;
    return NULL;
}
