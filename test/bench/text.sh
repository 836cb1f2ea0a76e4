# Text: a million names and addresses, against the same steps through icu_ext
# and against lower().  Sourced by run.

make_text()
{
	need_packages "the comparison with icu_ext" postgresql-15-icu-ext >&2
	progress "generating names and addresses"
	sql <<'SQL' || fail "the text data failed"
CREATE EXTENSION icu_ext;
-- Names as hospitals write them, names that are normal already, addresses.
CREATE UNLOGGED TABLE written AS
SELECT CASE i % 4
	WHEN 0 THEN '頭孢呋辛鈉【進口】' || i || '克'
	WHEN 1 THEN '注射用头孢呋辛钠 0.75g×' || i % 100 || '支'
	WHEN 2 THEN '静脉输液（第二组起）' || i
	ELSE '★彩色多普勒超声、常规检查腹部肝胆胰脾肾' END AS name,
	overlay('腹部肝胆胰脾肾静脉输液常规膀胱前列腺肌肉皮肤骨骼' PLACING
		substr('血管神经脊柱关节', i % 8 + 1, 1) FROM i % 24 + 1 FOR 1) AS normal_name,
	'四川省成都市武侯区红牌楼街道佳灵路' || i % 97 + 1 || '号' || i % 31 + 1 || '栋'
		|| i % 5 + 1 || '单元' || i % 1000 + 101 AS address
FROM generate_series(1, 1000000) AS i;
VACUUM ANALYZE written;
SQL
}

bench_text()
{
	local address_key="medaudit.household_key(address)"

	make_text
	[ "$(sql -c "SELECT count(*) FROM written WHERE
		normal_name <> medaudit.normalize_text(normal_name)")" = 0 ] ||
		fail "a name that should be normal is not"
	measure "$serial" \
		normalize "SELECT count(medaudit.normalize_text(name)) FROM written" \
		icu_ext "SELECT count(translate(icu_transform(lower(
			icu_normalize(name, 'nfkc')), 'Traditional-Simplified'),
			'【】〔〕[]×*·—、, ', '()()()------')) FROM written" \
		normal "SELECT count(medaudit.normalize_text(normal_name)) FROM written" \
		lower_name "SELECT count(lower(normal_name)) FROM written"
	compare "\`normalize_text\`, 1 million names" normalize \
		"the same steps through \`icu_ext\`" icu_ext 3 least
	compare "\`normalize_text\`, 1 million names of 24 characters, normal already" \
		normal "\`lower(name)\`" lower_name ""
	measure "$serial" \
		home "SELECT count($address_key) FROM written" \
		lower_address "SELECT count(lower(address)) FROM written"
	compare "\`household_key\`, 1 million addresses" home \
		"\`lower(address)\`" lower_address 20
}
