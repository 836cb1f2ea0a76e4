/*
 * dose.c
 *		How much: the dose and pack texts of prescriptions and of drug masters.
 *
 * A dose (每次2片, 0.5g) is one quantity with words around it that change
 * nothing.  A specification (0.25g×12片×2板/盒) is a row of quantities: masses,
 * volumes and activities are the strength of one unit, counts nest into each
 * other and multiply, and a total said beside them must be their product.
 * What is not understood to its end is NULL, never a guess and never 0: ranges,
 * alternatives, counts that do not nest.  Numbers are fractions of int64, hence
 * exact.  Cost: a microsecond or two; nothing is kept.
 */
#include "postgres.h"
#include "base/compat.h"

#include "utils/builtins.h"

#include "text/dose_text.h"

typedef enum Dimension
{
	DIMENSION_NONE,				/* a bare number */
	DIMENSION_MASS,				/* micrograms */
	DIMENSION_VOLUME,			/* microlitres */
	DIMENSION_ACTIVITY,			/* units */
	DIMENSION_SIZE,				/* centimetres, percent: no dose */
	DIMENSION_COUNT,			/* tablets, vials, ... */
	DIMENSION_HOLDER			/* what holds counts: boards, boxes, ... */
} Dimension;

typedef struct DoseUnit
{
	const char *word;			/* UTF-8, in normal form */
	const char *shown;
	Dimension	dimension;
	int64		factor;
} DoseUnit;

/* Longest first where one begins another. */
static const DoseUnit dose_units[] = {
	{"kg", "kg", DIMENSION_MASS, INT64CONST(1000000000)},
	{"mg", "mg", DIMENSION_MASS, 1000},
	{"μg", "μg", DIMENSION_MASS, 1},
	{"g", "g", DIMENSION_MASS, 1000000},
	{"毫克", "mg", DIMENSION_MASS, 1000},
	{"微克", "μg", DIMENSION_MASS, 1},
	{"克", "g", DIMENSION_MASS, 1000000},
	{"mm", "mm", DIMENSION_SIZE, 1},
	{"cm", "cm", DIMENSION_SIZE, 1},
	{"%", "%", DIMENSION_SIZE, 1},
	{"ml", "ml", DIMENSION_VOLUME, 1000},
	{"μl", "μl", DIMENSION_VOLUME, 1},
	{"cc", "ml", DIMENSION_VOLUME, 1000},
	{"l", "l", DIMENSION_VOLUME, 1000000},
	{"毫升", "ml", DIMENSION_VOLUME, 1000},
	{"u", "u", DIMENSION_ACTIVITY, 1},
	{"单位", "u", DIMENSION_ACTIVITY, 1},
	{"tab", "片", DIMENSION_COUNT, 1},
	{"cap", "粒", DIMENSION_COUNT, 1},
	{"amp", "支", DIMENSION_COUNT, 1},
	{"#", "片", DIMENSION_COUNT, 1},
	{"s", "片", DIMENSION_COUNT, 1},
	{"胶囊", "粒", DIMENSION_COUNT, 1},
	{"片", "片", DIMENSION_COUNT, 1},
	{"粒", "粒", DIMENSION_COUNT, 1},
	{"丸", "丸", DIMENSION_COUNT, 1},
	{"支", "支", DIMENSION_COUNT, 1},
	{"贴", "贴", DIMENSION_COUNT, 1},
	{"枚", "枚", DIMENSION_COUNT, 1},
	{"滴", "滴", DIMENSION_COUNT, 1},
	{"喷", "喷", DIMENSION_COUNT, 1},
	{"吸", "吸", DIMENSION_COUNT, 1},
	{"揿", "揿", DIMENSION_COUNT, 1},
	{"颗", "粒", DIMENSION_COUNT, 1},
	{"只", "支", DIMENSION_COUNT, 1},
	{"剂", "剂", DIMENSION_COUNT, 1},
	{"瓶", "瓶", DIMENSION_HOLDER, 1},
	{"袋", "袋", DIMENSION_HOLDER, 1},
	{"包", "包", DIMENSION_HOLDER, 1},
	{"板", "板", DIMENSION_HOLDER, 1},
	{"盒", "盒", DIMENSION_HOLDER, 1},
};

/* Words around a dose that change nothing. */
static const char *const dose_remarks[] = {
	"口服", "外用", "含服", "嚼服", "冲服", "舌下", "吸入", "静滴", "静注", "肌注",
	"皮下注射", "皮下", "饭前", "饭后", "餐前", "餐后", "空腹", "睡前", "服", "用",
	"po", "ac", "pc", "-",
};

/* Words of a specification that change nothing. */
static const char *const pack_remarks[] = {
	"塑料瓶", "玻璃瓶", "瓶装", "盒装", "袋装", "板装", "装", "内", "含", "重", "净",
	"规格", "为", "薄膜衣片", "薄膜衣", "糖衣片", "糖衣", "素片", "肠溶", "缓释", "控释",
	"分散", "咀嚼", "塑料", "玻璃", "铝塑", "铝箔", "泡罩", "包装", "大蜜丸", "小蜜丸",
	"水蜜丸", "水丸", "浓缩丸", "无糖型", "无糖", "预灌封", "注射器", "笔芯", "相当于",
	"复方",
};

typedef struct Quantity
{
	Fraction	number;			/* as written, 万 and 亿 included */
	const DoseUnit *unit;		/* NULL: a bare number */
} Quantity;

/* A place in normalized text. */
typedef struct PointReader
{
	const uint32 *points;
	int			count;
} PointReader;

static void
skip_points(PointReader *reader, int length)
{
	reader->points += length;
	reader->count -= length;
}

static bool
skip_word(PointReader *reader, const char *word)
{
	int			length = dose_word_stands_at(word, reader->points, reader->count);

	skip_points(reader, length);
	return length > 0;
}

static bool
skip_any(PointReader *reader, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (skip_word(reader, words[i]))
			return true;
	return false;
}

/* -------- Quantities -------- */

/* 半, 二, 12, 0.25, 1/2 */
static bool
read_number(PointReader *reader, Fraction *number)
{
	char		digits[32];
	const char *end;
	int			length = 0;
	int64		value;
	int			taken;

	if (skip_word(reader, "半"))
	{
		*number = fraction(1, 2);
		return true;
	}
	taken = chinese_number(reader->points, reader->count, &value);
	if (taken > 0)
	{
		*number = fraction(value, 1);
		skip_points(reader, taken);
		return true;
	}
	while (length < reader->count && length < 20 &&
		   (point_is_digit(reader->points[length]) ||
			reader->points[length] == '.' || reader->points[length] == '/'))
	{
		digits[length] = (char) reader->points[length];
		length++;
	}
	digits[length] = '\0';
	end = fraction_read(digits, number);
	if (end == NULL)
		return false;
	skip_points(reader, end - digits);
	return true;
}

static const DoseUnit *
read_unit(PointReader *reader)
{
	for (int i = 0; i < (int) lengthof(dose_units); i++)
		if (skip_word(reader, dose_units[i].word))
			return &dose_units[i];
	return NULL;
}

static const DoseUnit *
unit_named(const char *word)
{
	for (int i = 0; i < (int) lengthof(dose_units); i++)
		if (strcmp(dose_units[i].word, word) == 0)
			return &dose_units[i];
	return NULL;
}

/* Does UNIT count things, or what holds them? */
static bool
counts(const DoseUnit *unit)
{
	return unit != NULL && (unit->dimension == DIMENSION_COUNT ||
							unit->dimension == DIMENSION_HOLDER);
}

/* number [万|亿] [unit] [半]; 80万单 is 80万单位. */
static bool
read_quantity(PointReader *reader, Quantity *quantity)
{
	Fraction	scaled;
	int64		scale = 1;

	if (!read_number(reader, &quantity->number))
		return false;
	if (skip_word(reader, "万"))
		scale = 10000;
	else if (skip_word(reader, "亿"))
		scale = 100000000;
	if (!fraction_multiply(quantity->number, fraction(scale, 1), &scaled))
		return false;
	quantity->number = scaled;
	quantity->unit = read_unit(reader);
	if (quantity->unit == NULL && scale > 1 && skip_word(reader, "单"))
		quantity->unit = unit_named("u");
	if (counts(quantity->unit) && scaled.denominator == 1 &&
		skip_word(reader, "半"))
		quantity->number = fraction(scaled.numerator * 2 + 1, 2);
	return true;
}

/* The number of QUANTITY in the smallest unit of its dimension. */
static bool
smallest_units(const Quantity *quantity, Fraction *result)
{
	return fraction_multiply(quantity->number,
							 fraction(quantity->unit->factor, 1), result);
}

static bool
normal_reader(text *value, PointReader *reader)
{
	PointText	normal;

	if (!dose_text_read(value, &normal))
		return false;
	reader->points = normal.points;
	reader->count = normal.length;
	return true;
}

#define COUNT_LIMIT			6

/* What a specification says of one unit, and how many units a pack has. */
typedef struct Specification
{
	Quantity	strengths[DIMENSION_ACTIVITY + 1];	/* by dimension */
	bool		unsure[DIMENSION_ACTIVITY + 1]; /* two that differ */
	const DoseUnit *units[COUNT_LIMIT]; /* of the counts outside brackets */
	int			unit_count;
	Fraction	pack;			/* numerator 0: not said */
} Specification;

/* Takes a mass, volume or activity into account. */
static bool
add_strength(Specification *specification, const Quantity *quantity)
{
	Dimension	dimension = quantity->unit->dimension;
	Quantity   *known = &specification->strengths[dimension];
	Fraction	a;
	Fraction	b;

	if (known->unit == NULL)
		*known = *quantity;
	else if (!smallest_units(known, &a) || !smallest_units(quantity, &b))
		return false;
	else if (!fraction_equal(a, b))
		specification->unsure[dimension] = true;
	return true;
}

/* -------- Doses -------- */

static void
skip_dose_remarks(PointReader *reader)
{
	while (skip_any(reader, dose_remarks, lengthof(dose_remarks)))
		;
}

/*
 * Does OTHER say what DOSE is: the same in its own dimension (0.5g(500mg)), or
 * something in another one (2片(0.5g)) that INSIDE holds no other number of?
 */
static bool
explains(const Quantity *dose, const Quantity *other, Specification *inside)
{
	Fraction	a;
	Fraction	b;

	if (other->unit == NULL || dose->unit == NULL ||
		other->unit->dimension == DIMENSION_SIZE)
		return false;
	if (other->unit->dimension == dose->unit->dimension)
		return smallest_units(dose, &a) && smallest_units(other, &b) &&
			fraction_equal(a, b);
	return counts(other->unit) || (add_strength(inside, other) &&
								   !inside->unsure[other->unit->dimension]);
}

/*
 * A remark in brackets behind DOSE: how it is taken, or what it is in another
 * unit (2片(0.5g), 1支(2ml:10mg), 2片(每片0.25g)).  Another number of the same
 * unit is no remark.
 */
static bool
read_dose_bracket(PointReader *reader, const Quantity *dose)
{
	Specification inside;

	memset(&inside, 0, sizeof(inside));
	while (!skip_word(reader, ")"))
	{
		Quantity	other;

		if (skip_any(reader, dose_remarks, lengthof(dose_remarks)) ||
			skip_word(reader, ":"))
			continue;
		if (skip_word(reader, "每") && !counts(read_unit(reader)))
			return false;
		if (!read_quantity(reader, &other) || !explains(dose, &other, &inside))
			return false;
	}
	return true;
}

/* A whole dose text: [口服] [每次|1次] quantity [/次] [remark]; more than 0. */
static bool
read_dose(text *value, Quantity *dose)
{
	PointReader reader;

	if (!normal_reader(value, &reader))
		return false;
	if (reader.count > 1 && reader.points[0] == FOLDED_SEPARATOR)
		return false;			/* -1片 */
	skip_dose_remarks(&reader);
	if (!skip_word(&reader, "每次"))
		(void) skip_word(&reader, "1次");
	skip_dose_remarks(&reader);
	if (!read_quantity(&reader, dose) || dose->number.numerator <= 0 ||
		(dose->unit != NULL && dose->unit->dimension == DIMENSION_SIZE))
		return false;
	if (!skip_word(&reader, "/次"))
		(void) skip_word(&reader, "每次");
	skip_dose_remarks(&reader);
	if (skip_word(&reader, "(") && !read_dose_bracket(&reader, dose))
		return false;
	skip_dose_remarks(&reader);
	return reader.count == 0;
}

/* -------- Packs -------- */

/* A run of quantities that multiply: all of it, or what is in brackets. */
typedef struct Chain
{
	Fraction	product;		/* of its counts; numerator 0: none */
	const DoseUnit *units[COUNT_LIMIT];
	int			unit_count;
	const DoseUnit *holder;		/* what a count is of: 12片/板 */
	bool		after_slash;	/* the last thing read is / or : */
	bool		bare;			/* a bare number was a factor */
	bool		sized;			/* it holds a size: 5×7cm */
} Chain;

/*
 * Multiplies a count into CHAIN.  Counts nest, so no unit comes twice, no more
 * than one is of tablets and the like (12片×24粒), and what a count is said to
 * be of comes next: 12片/板×2板, not 12片/瓶×2板.
 */
static bool
add_count(Chain *chain, const Quantity *quantity)
{
	const DoseUnit *unit = quantity->unit;

	if (chain->unit_count >= COUNT_LIMIT || chain->after_slash ||
		(unit != NULL && chain->holder != NULL &&
		 strcmp(unit->shown, chain->holder->shown) != 0))
		return false;
	for (int i = 0; i < chain->unit_count && unit != NULL; i++)
		if (strcmp(chain->units[i]->shown, unit->shown) == 0 ||
			(chain->units[i]->dimension == DIMENSION_COUNT &&
			 unit->dimension == DIMENSION_COUNT))
			return false;
	if (unit != NULL)
		chain->units[chain->unit_count++] = unit;
	else
		chain->bare = true;
	chain->holder = NULL;
	if (chain->product.numerator == 0)
		chain->product = fraction(1, 1);
	return fraction_multiply(chain->product, quantity->number, &chain->product);
}

/* Puts one quantity where it belongs. */
static bool
add_quantity(Specification *specification, Chain *chain,
			 const Quantity *quantity)
{
	if (quantity->number.numerator <= 0)
		return false;
	if (quantity->unit == NULL || counts(quantity->unit))
	{
		/* 0.25g/12片: the slash but parts; 12片/2板 is unclear */
		if (chain->product.numerator == 0)
			chain->after_slash = false;
		return add_count(chain, quantity);
	}
	chain->after_slash = false;
	if (quantity->unit->dimension == DIMENSION_SIZE)
	{
		chain->sized = true;
		return true;
	}
	return add_strength(specification, quantity);
}

/* A bare number is a factor beside a times sign only: 0.3g*10*2板. */
static bool
read_factor(PointReader *reader, Quantity *quantity, bool after_times)
{
	if (!read_quantity(reader, quantity))
		return false;
	return quantity->unit != NULL || after_times ||
		(reader->count > 0 && reader->points[0] == TIMES_SIGN);
}

/*
 * (薄膜衣片), (以阿莫西林计): words in brackets without a number, that do not
 * offer a choice or a part (12片(或24粒)).
 */
static bool
skip_words_in_brackets(PointReader *reader)
{
	static const char *const choices[] = {"或", "至", "到", "约", "加", "另", "赠", "(", "-"};
	PointReader ahead = *reader;
	int64		value;

	if (!skip_word(&ahead, "("))
		return false;
	while (ahead.count > 0 && ahead.points[0] != ')')
	{
		if (point_is_digit(ahead.points[0]) ||
			chinese_number(ahead.points, 1, &value) > 0 ||
			skip_any(&ahead, choices, lengthof(choices)))
			return false;
		skip_points(&ahead, 1);
	}
	if (!skip_word(&ahead, ")"))
		return false;
	*reader = ahead;
	return true;
}

/* / or : with what it is of: 12片/盒, 0.25g/片; 5mg/ml is no pack. */
static bool
read_slash(PointReader *reader, Chain *chain)
{
	const DoseUnit *unit = read_unit(reader);

	chain->after_slash = unit == NULL;
	chain->holder = unit;
	return unit == NULL || counts(unit);
}

/* One thing of a chain: a sign, a remark, a quantity. */
static bool
read_link(PointReader *reader, Specification *specification, Chain *chain)
{
	Quantity	quantity;
	bool		after_times = skip_word(reader, "^");

	if (!after_times)
	{
		if (skip_word(reader, "/"))
			return read_slash(reader, chain);
		if (skip_word(reader, ":"))
		{
			chain->after_slash = true;
			return true;
		}
		if (skip_word(reader, "每"))
		{
			(void) read_unit(reader);
			return true;
		}
		if (skip_word(reader, "-") || skip_words_in_brackets(reader) ||
			skip_any(reader, pack_remarks, lengthof(pack_remarks)))
			return true;
	}
	return read_factor(reader, &quantity, after_times) &&
		add_quantity(specification, chain, &quantity);
}

/* Does the chain end here: at a bracket that is no remark, at a total? */
static bool
chain_ends(const PointReader *reader)
{
	PointReader ahead = *reader;

	if (reader->count == 0)
		return true;
	if (reader->points[0] == '(')
		return !skip_words_in_brackets(&ahead);
	return reader->points[0] == ')' || reader->points[0] == '=' ||
		skip_word(&ahead, "共");
}

static bool
read_chain(PointReader *reader, Specification *specification, Chain *chain)
{
	memset(chain, 0, sizeof(*chain));
	chain->product = fraction(0, 1);
	while (!chain_ends(reader))
		if (!read_link(reader, specification, chain))
			return false;
	return !chain->bare || !chain->sized;
}

/*
 * A total beside the product, or the product beside the total, must be the
 * same: 12片×2板(24片).  Of one box the count in brackets is the pack.
 */
static bool
add_chain(Specification *specification, const Chain *chain)
{
	if (chain->product.numerator == 0)
		return true;
	if (specification->pack.numerator == 0 ||
		(specification->unit_count == 1 &&
		 specification->units[0]->dimension == DIMENSION_HOLDER &&
		 fraction_equal(specification->pack, fraction(1, 1))))
		specification->pack = chain->product;
	else if (!fraction_equal(specification->pack, chain->product))
		return false;
	for (int i = 0; i < chain->unit_count &&
		 specification->unit_count < COUNT_LIMIT; i++)
		specification->units[specification->unit_count++] = chain->units[i];
	return true;
}

/*
 * 0.25g×12片/盒, 10ml:0.5g×5支, 12片×2板(24片), 每盒2板,每板12片: chains of
 * quantities.  False when anything in it is not understood.
 */
static bool
read_specification(text *value, Specification *specification)
{
	PointReader reader;
	int			depth = 0;

	memset(specification, 0, sizeof(*specification));
	specification->pack = fraction(0, 1);
	if (!normal_reader(value, &reader) || reader.count == 0 ||
		reader.points[0] == FOLDED_SEPARATOR)
		return false;
	while (reader.count > 0)
	{
		Chain		chain;

		if (skip_word(&reader, "("))
			depth++;
		else if (skip_word(&reader, ")"))
			depth--;
		else if (!skip_word(&reader, "="))
			(void) skip_word(&reader, "共");
		if (depth < 0 || depth > 1 ||
			!read_chain(&reader, specification, &chain) ||
			!add_chain(specification, &chain))
			return false;
	}
	return true;
}

PG_FUNCTION_INFO_V1(medaudit_dose_amount);

/* dose_amount(text): the number of one dose; strict; NULL for unknown. */
Datum
medaudit_dose_amount(PG_FUNCTION_ARGS)
{
	Quantity	dose;

	fold_require_utf8();
	if (!read_dose(PG_GETARG_TEXT_PP(0), &dose))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(fraction_to_numeric(dose.number));
}

PG_FUNCTION_INFO_V1(medaudit_dose_unit);

/* dose_unit(text): its unit in normal form; strict; NULL without one. */
Datum
medaudit_dose_unit(PG_FUNCTION_ARGS)
{
	Quantity	dose;

	fold_require_utf8();
	if (!read_dose(PG_GETARG_TEXT_PP(0), &dose) || dose.unit == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(dose.unit->shown));
}

/*
 * Is a dose in UNIT, which counts, one in the units that the pack is counted
 * in?  1盒 of 24片/盒 is not, and is not understood.
 */
static bool
counts_in_pack(const DoseUnit *unit, const Specification *specification)
{
	return specification->unit_count == 0 ||
		(specification->unit_count == 1 &&
		 strcmp(specification->units[0]->shown, unit->shown) == 0);
}

/* How many units of the pack DOSE, a mass, volume or activity, is. */
static bool
divide_by_strength(const Quantity *dose, const Specification *specification,
				   Fraction *result)
{
	Dimension	dimension = dose->unit->dimension;
	const Quantity *strength = &specification->strengths[dimension];
	Fraction	amount;
	Fraction	part;

	return strength->unit != NULL && !specification->unsure[dimension] &&
		smallest_units(dose, &amount) && smallest_units(strength, &part) &&
		fraction_divide(amount, part, result);
}

PG_FUNCTION_INFO_V1(medaudit_dose_amount_of_spec);

/*
 * dose_amount(dose, spec): the dose in units of the pack: 0.5g of 0.25g a
 * tablet is 2.  Strict; NULL when either is unknown or they do not relate.
 */
Datum
medaudit_dose_amount_of_spec(PG_FUNCTION_ARGS)
{
	Quantity	dose;
	Specification specification;
	Fraction	amount;

	fold_require_utf8();
	if (!read_dose(PG_GETARG_TEXT_PP(0), &dose))
		PG_RETURN_NULL();
	if (dose.unit == NULL || dose.unit->dimension == DIMENSION_COUNT)
		PG_RETURN_DATUM(fraction_to_numeric(dose.number));
	if (!read_specification(PG_GETARG_TEXT_PP(1), &specification))
		PG_RETURN_NULL();
	if (dose.unit->dimension == DIMENSION_HOLDER)
	{
		if (!counts_in_pack(dose.unit, &specification))
			PG_RETURN_NULL();
		amount = dose.number;
	}
	else if (!divide_by_strength(&dose, &specification, &amount))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(fraction_to_numeric(amount));
}

PG_FUNCTION_INFO_V1(medaudit_pack_units);

/* pack_units(spec): units in a pack; strict; NULL when it does not say. */
Datum
medaudit_pack_units(PG_FUNCTION_ARGS)
{
	Specification specification;

	fold_require_utf8();
	if (!read_specification(PG_GETARG_TEXT_PP(0), &specification) ||
		specification.pack.numerator <= 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(fraction_to_numeric(specification.pack));
}
