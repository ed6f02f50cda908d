# 日本語。en.ftl と同じキー、同じ変数 (tests/promises/words.rs が確かめる)。
# 用語は画像診断・治験の慣用に合わせる。治療標的病変を「標的病変」と略さない (RECIST の標的病変と別物)。

## 用語: `src/terms` の名前

lang-en = English
lang-ja = 日本語
structure-body = 体
structure-table = 寝台
structure-left-lung = 左肺
structure-right-lung = 右肺
structure-airways = 気道
structure-lung-vessels = 肺血管
structure-bone = 骨
structure-mediastinum = 縦隔
structure-below-diaphragm = 横隔膜下
structure-spinal-canal = 脊柱管
structure-contrast-vessels = 造影血管
structure-skin = 皮膚
structure-shaft = シャフト
structure-tip = 針先
structure-way-in = 刺入方向の空間
structure-cut-skin = 撮影範囲で切れた皮膚
site-lung = 肺
site-mediastinum = 縦隔
site-pleura = 胸膜
site-chest-wall = 胸壁
site-source-guessed = 推定
site-source-given = 指定
site-reason-default = 周囲に他の構造がないため
site-reason-lung-around = 周囲が肺のため
site-reason-lung-on-one-face = 一方が肺、他方が胸壁に接するため
site-reason-mediastinum-around = 周囲が縦隔のため
site-reason-no-lung-around = 周囲に肺がないため
picked-only = 計画に使用できる唯一のシリーズ
picked-first = 同等のシリーズのうち最初のもの
picked-original = 元の撮影画像
picked-long = 撮影範囲が最も広い
picked-thin = スライスが最も薄い
picked-soft-kernel = 軟部関数
picked-contrast = 造影あり
side-right = 右
side-left = 左
pose-as-scanned = 撮影時の体位
pose-supine = 仰臥位
pose-prone = 腹臥位
pose-left-decubitus = 左側臥位
pose-right-decubitus = 右側臥位
severity-info = 情報
severity-warning = 注意
severity-error = エラー
value-mm = { $value } mm
value-mm-pm = { $value } ± { $pm } mm
value-mm3 = { $value } mm³
value-ml = { $value } mL
value-hu = { $value } HU
value-degree = { $value }°
value-celsius = { $value } ℃
value-percent = { $value } %
value-at-least = ≥ { $value }
value-at-most = ≤ { $value }
value-unknown = 不明
where-file = ファイル: { $file }
where-slice = スライス { $first }
where-slices = スライス { $first }–{ $last }
where-point = 位置 { $x }, { $y }, { $z } mm

## 所見: 何が疑わしいか、どういう意味か、どうすればよいか

finding-gantry-tilt = ガントリが { $degrees }° 傾いた状態で撮影されています。直交するボリュームに再構成しました。計測値は再構成後のスライスによるものです。
finding-uneven-spacing = スライス間隔が一定ではありません ({ $least }～{ $most } mm)。スライスをまたぐ距離は慎重に確認してください。
finding-missing-slices = z { $from }～{ $to } mm の間で { $count } 枚のスライスが欠落しています。その範囲では計測や計画をせず、完全なシリーズを読み込んでください。
finding-thick-slices = スライスが厚いため (厚さ { $thickness } mm、間隔 { $spacing } mm)、小さな病変・血管・肋骨が見えていない可能性があります。薄いスライスのシリーズがあれば読み込んでください。
finding-overlapping-slices = スライスが重なっています (厚さ { $thickness } mm、間隔 { $spacing } mm)。
finding-gap-between-slices = スライスの間に隙間があります (厚さ { $thickness } mm、間隔 { $spacing } mm)。隙間の情報はありません。
finding-duplicate-slices = 同一のスライスが { $count } 枚重複しています。1枚ずつ使用します。
finding-duplicate-conflict = 同じ位置に異なる画像のスライスが { $count } 枚あります。それぞれ最初の1枚を使用します。目的のシリーズか確認してください。
finding-split-acquisitions = このシリーズには { $count } 回の撮影 (時相) が含まれています。別々のボリュームとして示しますので、目的のものを選んでください。
finding-split-patients = このシリーズには異なる患者のファイルが含まれています。分けて示しますので、目的のものか確認してください。
finding-split-studies = このシリーズには異なる検査のファイルが含まれています。分けて示しますので、目的のものか確認してください。
finding-split-frames-of-reference = このシリーズには座標系 (Frame of Reference) の異なるファイルが含まれ、位置を互いに比較できません。分けて示します。
finding-split-sizes = このシリーズには画像サイズまたは画素間隔の異なる画像が { $count } 種類含まれています。分けて示します。
finding-excluded-localizer = 位置決め画像を除外しました。
finding-excluded-secondary-capture = スライスでない画像 (キャプチャ画像、線量レポートなど) を除外しました。
finding-excluded-slice = スライスを1枚除外しました: { $why } シリーズを取得し直してください。
finding-oblique = スライスが体軸から { $degrees }° 傾いています。水平断には撮影されたままの断面を表示します。
finding-derived = 加工・再構成された画像で、元の撮影画像ではありません。計測には元のシリーズを使用してください。
finding-padding = ボリュームの { $share } % は撮影視野外で、測定値がないため除外しています。
finding-lossy = 非可逆圧縮された画像で、HU と境界は近似値です。計測には可逆圧縮のシリーズを読み込んでください。
finding-rescale-missing = Rescale Slope / Intercept がなく、値を HU とみなせません。元のシリーズを取得してください。
finding-spacing-missing = 画素間隔の情報がなく、計測できません。元のシリーズを取得してください。
finding-position-missing = 画像位置の情報がなく、スライスを配置できません。元のシリーズを取得してください。
finding-orientation-missing = 画像方向の情報がなく、左右が判別できません。元のシリーズを取得してください。
finding-too-few-slices = スライスが { $count } 枚しかなく、ボリュームを作れません。病変全体を含むシリーズを読み込んでください。
finding-no-preamble = DICOM ヘッダのないファイルです。格納形式は推定しました。
finding-missing-file = DICOMDIR に記載されたファイルがありません。媒体全体をコピーしてください。
finding-transfer-syntax-unsupported = 読み取れない圧縮形式です: { $name } ({ $uid })。非圧縮または JPEG 2000 で出力し直してください。
finding-truncated = 画像データの途中でファイルが終わっています。コピーし直してください。
finding-not-dicom = DICOM ファイルではないため除外しました。
finding-corrupt = ファイルを読み取れません: { $what }。取得し直してください。
finding-limit-exceeded = 読み込みを拒否しました: { $what }。胸部 CT としてはありえない値です。ファイルの出所を確認してください。
finding-unsafe-archive = 圧縮ファイルから除外しました: { $what }。別のソフトで展開し、内容を確認してからフォルダを開いてください。
finding-research-volume = DICOM の識別情報を持たない研究用ボリュームです。閲覧と試行はできますが、CRF の行は出力されません。
finding-skin-cut = 一部のスライスで皮膚が撮影視野から切れています。その部分は刺入点の候補にしません。
finding-unreadable = 読み取れませんでした ({ $why })。存在するか、読み取り権限があるか確認してください。
finding-not-seen = 同定できない構造: { $structure }。関係する規則は「未確認」であり、満たされたわけではありません。目視で確認してください。
finding-wall-vessels-not-seen = 造影されていないため、肋間動脈・内胸動脈など肺外の血管は同定できていません。目視で確認してください。
finding-soft-border = 病変が同程度の濃度の組織に接する部分では、輪郭は推定です。確認するか、径を手動で計測してください。
finding-coarse-for-lesion = 病変が { $mm } mm 間隔のスライス { $slices } 枚にしか写っておらず、大きさは不確かです。より薄いスライスを読み込んでください。
finding-lesion-at-edge = 輪郭が撮影範囲の端に達しています。病変がその外に続いている可能性があります。
finding-may-have-leaked = 輪郭が周囲の組織にはみ出している可能性があります。確認するか、長径に沿って線を引いてください。
finding-click-in-air = 空気しかありません。病変の内部をクリックしてください。
finding-axis-leaves-lesion = 長径の線が途中で { $mm } mm 病変の外に出ています。
finding-lesions-overlap = 2つの病変が重なっています。1つの病変であれば、一方を削除してください。
finding-no-free-needle = どの規則にも抵触しない穿刺経路は見つかりませんでした。最も多くの刺入点を妨げる規則: { $rule }（{ $percent } %）。
finding-rule-unknown = { $rule }: 同定できていない構造（{ $structure }）があるため判定できません。穿刺経路を目視で確認してください。
finding-rule-broken = { $rule }: { $measured }（許容値 { $allowed }、{ $structure }）。凍結針を移動してください。
finding-rule-warning = { $rule }: { $measured }（目安 { $allowed }、{ $structure }）。その部位を確認してください。
finding-pose-differs = 体位（{ $pose }）が撮影時と異なります。臓器・病変・肋骨の位置が変わります。その体位の CT で計画し直してください。
finding-needle-unverified = { $model }: 寸法とアイスボールの大きさは添付文書と未照合です。
finding-short-coverage = 指定した安全域では、病変全体が凍結域に含まれません。凍結針を移動するか追加してください。
finding-not-eligible = 試験の基準に適合しない項目があります。
finding-eligibility-borderline = 試験の基準値が測定誤差の範囲内にあります。別の読影者による計測を依頼してください。
finding-subject-missing = 被験者識別コードが入力されていません。CRF では空欄になります。
finding-value-differs = 保存された値と現在の計算値が異なります。
finding-assets-replaced = 施設で編集した設定表 (凍結針・規則など) を使用しています。
finding-sample = 合成されたサンプル画像です。実在の患者ではありません。

## 所見の部分

limit-matrix = 画像の行・列・フレーム数が多すぎます
limit-volume = ボリュームのボクセル数が多すぎます
limit-folders = フォルダの階層が深すぎます
limit-files = ファイル数が多すぎます
limit-structure = ファイル内の長さ・階層が上限を超えています
split-by-acquisition = 撮影番号による
split-by-time = 時刻による
split-by-phase = 時相による
split-by-number = 画像番号による
archive-broken = 圧縮ファイルの破損
archive-member = 破損した項目
archive-link = リンク
archive-encrypted = 暗号化された項目
archive-path = フォルダ外を指す項目
archive-method = 未対応の圧縮方式の項目
archive-bomb = 展開すると過大になる項目
excluded-size = 他のスライスとサイズが異なります。
corrupt-image = 画像データの破損
corrupt-positions = スライス位置の矛盾
corrupt-structure = ファイル構造の破損
corrupt-packing = 圧縮データの破損

## エラー: 何が、どこで、どうすればよいか

error-disk-full = ディスクの空き容量がありません。空きを作って再度保存してください。以前に保存した内容は失われていません。
error-not-permitted = 書き込み権限がありません。別のフォルダを選んでください。
error-read-only = 読み取り専用の場所です。別のフォルダを選んでください。
error-not-found = 見つかりません。パスまたは媒体を確認してください。
error-name-too-long = パスが長すぎます。短いパスを選んでください。
error-busy = 別のプログラムがファイルを使用中です。そちらを閉じてから、もう一度お試しください。
error-too-large = この種のファイルとしては大きすぎるため、読み込みませんでした。
error-write = 書き込めませんでした: { $why }。別の場所を選んでください。
error-no-file-manager = ファイルマネージャを起動できませんでした。フォルダは { $folder } です。
error-plan-unreadable = 計画 { $file } を読み取れませんでした: { $why }。
error-plan-not-a-plan = { $file } はこのプログラムの計画ではありません。plan.json を開いてください。
error-plan-newer = この計画は新しいバージョンで保存されています (形式 { $version }。このプログラムは { $known } まで対応)。プログラムを更新してください。内容は変更していません。
error-plan-damaged = 計画ファイルが壊れています: { $what }。以前のコピーを使うか、計画し直してください。
error-edit-no-lesion = その病変は計画にありません。
error-edit-no-needle = その凍結針は計画にありません。
error-edit-too-many-lesions = 治療標的病変はすでに3個あり、試験の上限です。先に1個削除してください。
error-edit-mask = 輪郭が計画の CT に合いません。
error-edit-value = 指定できない値です: { $what }。
error-fault = プログラムの不具合により処理が停止しました。内容は変更していません。もう一度お試しのうえ、操作内容をご報告ください。

## 穿刺の規則: `assets/rules.toml` の id

rule-bone = 骨との距離 (mm)
rule-lung-vessels = 肺内血管との距離 (mm)
rule-wall-vessels = 肺外血管との距離 (mm)
rule-mediastinum = 縦隔との距離 (mm)
rule-below-diaphragm = 横隔膜より下を通らない (mm)
rule-other-lung = 反対側の肺を通らない (mm)
rule-depth = 針の有効長内の深さ (mm)
rule-tip-beyond = 病変を越える針先の長さ (mm)
rule-real-skin = 皮膚上の刺入点 (mm)
rule-skin-angle = 針と皮膚の角度 (°)
rule-way-in = 刺入方向の障害物 (mm)
rule-stays-inside = 体外に出る針の長さ (mm)
rule-lies-on = 下になる皮膚 (真下からの °)

## 提案の理由: `src/placement`

alternative-best = 総合で最良: −20 °C での最小安全域 { $margin } mm、最小距離 { $clearance } mm
alternative-next = 別の経路: −20 °C での最小安全域 { $margin } mm、最小距離 { $clearance } mm、深さ { $depth } mm
alternative-coverage = 病変をより広く覆う: −20 °C での最小安全域 { $margin } mm
alternative-clearance = 周囲の構造からより離れる: 最小距離 { $clearance } mm
alternative-short = より浅い: 深さ { $depth } mm
alternative-in-plane = 横断面により近い: 面外角 { $angle }°
alternative-lung = 肺を通る長さがより短い: { $lung } mm

## 処理の段階

stage-opening = 開いています
stage-reading = ファイルを読み込み中
stage-screening = ファイルを検査中
stage-decoding = スライスを展開中
stage-volume = ボリュームを作成中
stage-body = 体と寝台を抽出中
stage-lungs = 肺を抽出中
stage-airways = 気道を抽出中
stage-bone = 骨を抽出中
stage-vessels = 血管を抽出中
stage-mediastinum = 縦隔を抽出中
stage-diaphragm = 横隔膜を抽出中
stage-canal = 脊柱管を抽出中
stage-anatomy = 構造を抽出中
stage-distances = 距離を計算中
stage-lesion = 病変を抽出中
stage-measuring = 計測中
stage-needles = 穿刺経路を探索中
stage-ice = 凍結域を計算中
stage-pictures = 画像を作成中
stage-writing = ファイルを書き出し中
stage-phantom = サンプル画像を作成中
stage-read = スライスを読み込み中
stage-scan = ファイルを調べています
stage-export = ファイルを書き出し中

## デジタル胸部

phantom-nodule = 肋骨の背後の結節
phantom-nodule-teaches = 右下葉の15 mmの充実性結節。最短の経路は肋骨に当たるため、肋間を通る経路を探します。
phantom-pleural = 胸膜の腫瘤
phantom-pleural-teaches = 左胸膜に広く接する約3 cmの分葉状腫瘤。胸壁を含めずに輪郭を取り、凍結域を肋骨から離します。
phantom-heart = 心臓に接する結節
phantom-heart-teaches = 左心に接する24 mmの結節（造影）。針と凍結域が心臓と血管を避けるように計画します。
phantom-prone = 結節（腹臥位）
phantom-prone-teaches = 同じ結節を腹臥位で撮影したもの。画像の行と列の向きが逆になり、寝台は患者の前側にあります。

## 編集 (元に戻すメニュー)

edit-undo = 元に戻す: { $edit }
edit-redo = やり直し: { $edit }
edit-lesion-add = 病変 { $n } の追加
edit-lesion-delete = 病変 { $n } の削除
edit-lesion-outline = 病変 { $n } の輪郭
edit-lesion-axes = 病変 { $n } の径
edit-lesion-site = 病変 { $n } の部位
edit-needle-add = 凍結針 { $n } の追加
edit-needle-delete = 凍結針 { $n } の削除
edit-needle-move = 凍結針 { $n } の移動
edit-needle-model = 凍結針 { $n } の型式
edit-needle-pose = 凍結針 { $n } の体位
edit-needle-lesion = 凍結針 { $n } の対象病変
edit-pose = 体位
edit-margin = 安全域
edit-subject = 被験者識別コード
edit-reader = 読影者
edit-notes = メモ
edit-answer = 試験の質問
edit-several = 複数の変更

## 試験

trial-met = 適合
trial-not-met = 不適合
trial-borderline = 境界域 (測定誤差内)
trial-unknown = 未確認
trial-eligibility = 適格性
trial-inclusion = 選択基準
trial-exclusion = 除外基準
trial-list-incomplete = 公開資料ではこれらの基準は「等」として挙げられています。その他の基準は試験事務局に確認してください。
trial-yes = はい
trial-no = いいえ
trial-rule-malignancy = 肺悪性腫瘍、縦隔悪性腫瘍、胸膜悪性腫瘍または胸壁悪性腫瘍
trial-rule-histology = 原発巣または転移巣の組織学的診断がある
trial-rule-no-standard-treatment = 標準治療の適応がない
trial-rule-target-count = 治療標的病変数: 3個以内
trial-rule-size-lung = 最大径: 3.5 cm以下 (肺)
trial-rule-size-other = 最大径: 10 cm以下 (縦隔・胸膜・胸壁)
trial-rule-no-other-active-lesion = 治療標的病変以外に活動性病変がない
trial-rule-age = 年齢: 18歳以上、79歳以下 (満年齢)
trial-rule-performance-status = Performance Status (ECOG) 0～2
trial-rule-consent = 患者本人から文書にて同意が得られている
trial-rule-conference = カンファレンス (放射線治療医、放射線診断医、呼吸器内科医、呼吸器外科医を含む) で適応と判断された
trial-rule-coagulopathy = コントロール不能の凝固異常、出血性疾患
trial-rule-infection = 全身的治療を要する活動性の全身性・呼吸器・心膜感染症
trial-rule-cannot-lie-still = 臥位を一定時間保持できない
trial-why-within-limit = 基準値以内
trial-why-within-limit-3d-over = 水平断では基準値以内ですが、三次元最大径は基準値を超えています。どちらを用いるか試験事務局に確認してください
trial-why-over-limit = 基準値を超えています
trial-why-under-limit = 基準値を下回っています
trial-why-limit-within-error = 基準値が測定誤差の範囲内にあります
trial-why-not-answered = 未回答
trial-why-answer-not-possible = ありえない値です。確認してください
trial-why-as-required = 基準どおり
trial-why-not-as-required = 基準に合いません

## 報告書と穿刺シート

report-research-only = 研究用。診療上の判断には使用できません。
report-unverified = 添付文書と未照合
report-derived = 計算による推定値
report-positions-of = 位置は { $date } 撮影の計画 CT によるものです。
report-positions-of-undated = 位置は計画 CT によるものです (ヘッダに撮影日なし)。
report-entry-slice = 刺入スライス { $n } / { $of }、z { $z } mm
report-entry-from-lesion = 病変の計測スライスから刺入点まで
report-entry-from-carina = 気管分岐部から刺入点まで
report-entry-from-midline = 正中から刺入点まで
report-towards-head = 頭側へ { $mm } mm
report-towards-feet = 尾側へ { $mm } mm
report-to-right = 患者の右へ { $mm } mm
report-to-left = 患者の左へ { $mm } mm
report-carina-not-seen = 気管分岐部は同定できず
report-in-plane-angle = 面内角度
report-craniocaudal-angle = 頭尾方向角度
report-depth-pleura = 胸膜までの深さ
report-depth-tip = 針先までの深さ (穿刺深度)
report-model = 凍結針の型式
report-pose = 体位
report-subject = 被験者識別コード
report-reader = 読影者

## 画面

desk-title = IcePath
desk-open = 開く
desk-lesion = 病変
desk-anatomy = 解剖
desk-needles = 凍結針
desk-ice = アイスボール
desk-report = 報告書
desk-saved = 保存済み
desk-not-saved = 未保存
desk-cannot-save = 保存できません: { $why }
desk-cancel = キャンセル
desk-save = 保存
desk-undo = 元に戻す
desk-redo = やり直し
desk-delete = 削除
desk-axial = 水平断
desk-coronal = 冠状断
desk-sagittal = 矢状断
desk-long-axis = 長径
desk-short-axis = 短径
desk-volume = 体積
desk-coverage = カバー率
desk-least-margin = 最小マージン

## Case and command line

error-unreadable = { $path } を読み込めません: { $why }
error-no-image = { $path } にDICOM画像もボリュームも見つかりません。検査データのあるフォルダを選んでください。
error-nothing-usable = { $path } には計画に使えるシリーズがありません。理由は各所見を参照してください。
error-no-such-series = { $path } に該当シリーズがありません ({ $why })。「icepath series」で一覧を確認してください。
error-no-lesion = その位置に病変が見つかりません。最長径に沿って線を引いてください。
error-cancelled = 中止しました。
error-other-ct = このCTは計画のものではありません ({ $what } が異なります)。計画と同じCTを指定してください。変更はありません。
error-ct-not-found = 計画のCTが見つかりません。--ct で場所を指定してください。
error-not-writable = { $path } に書き込めません: { $why }。別の場所を選んでください。
long-axis = 長径
short-axis = 短径
volume = 体積
not-seen = 描出なし
series-usable = 計画に使用可
series-not-usable = 計画に使用不可
